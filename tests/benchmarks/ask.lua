-- wrk asks over a list of questions: each once (distinct), or the first few over and over (REPEATED is set).
local questions = {}
for line in io.lines(os.getenv("QUESTIONS")) do questions[#questions + 1] = line end
local few = tonumber(os.getenv("REPEATED") or "0")
local asked = 0

function request()
  asked = asked + 1
  local count = few > 0 and few or #questions
  return wrk.format("POST", "/api/v1/ask", { ["content-type"] = "application/json" }, questions[(asked - 1) % count + 1])
end

function done(summary, latency, requests)
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write
    + summary.errors.status + summary.errors.timeout
  io.write(string.format('\nJSON {"requests": %d, "seconds": %f, "failed": %d, "p50": %f, "p95": %f, "p99": %f}\n',
    summary.requests, summary.duration / 1e6, failed,
    latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3))
end
