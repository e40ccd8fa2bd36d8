-- Sends 10 MiB with every request.
wrk.method = "POST"
wrk.body = string.rep("0123456789abcdef", 655360)
wrk.headers["Content-Type"] = "application/octet-stream"
