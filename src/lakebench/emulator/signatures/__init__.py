"""SigV4 of requests, checked when a server is asked to: headers, presigned URLs and signed chunks."""
