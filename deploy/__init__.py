"""What building, packing and running Careleaf needs beside the program."""
