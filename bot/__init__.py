"""Careleaf: cited, graded answers for families of children with cerebral palsy."""
