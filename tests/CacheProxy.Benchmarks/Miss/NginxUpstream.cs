namespace CacheProxy.Benchmarks.Miss;

/// <summary>nginx as a fixed fast upstream: one chat completion, or, with the header <c>X-Stream: 1</c>, the same as a stream.</summary>
internal sealed class NginxUpstream : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cacheproxy-nginx-");
    private readonly ChildProcess _process;

    public NginxUpstream()
    {
        int port = FreePort.Next();
        Url = new Uri($"http://127.0.0.1:{port}/");
        string configuration = Path.Combine(_folder.FullName, "nginx.conf");
        File.WriteAllText(configuration, Configuration(port));
        _process = ChildProcess.Start("nginx", ["-c", configuration, "-p", _folder.FullName]);
    }

    public Uri Url { get; }

    public Uri ChatCompletions => new(Url, "/v1/chat/completions");

    public Task WaitUntilReadyAsync(CancellationToken cancellationToken) => _process.WaitUntilReadyAsync(Url, TimeSpan.FromSeconds(5), cancellationToken);

    public void Dispose()
    {
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static string Configuration(int port)
    {
        string content = string.Join(' ', Enumerable.Repeat("hello", 12));
        string chunk = """data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o-mini","choices":[{"index":0,"delta":{"content":"hello "},"finish_reason":null}]}""";
        string chunks = string.Concat(Enumerable.Repeat(chunk + "\n\n", 12));
        return $$$"""
            worker_processes 1; pid nginx.pid; error_log error.log; daemon off;
            events { worker_connections 4096; }
            http {
              access_log off; keepalive_requests 10000000;
              server {
                listen 127.0.0.1:{{{port}}};
                location / {
                  if ($http_x_stream) { rewrite ^ /stream last; }
                  default_type application/json;
                  return 200 '{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":"{{{content}}}"},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":12,"total_tokens":22}}';
                }
                location /stream {
                  internal; default_type text/event-stream;
                  return 200 '{{{chunks}}}data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o-mini","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

            data: [DONE]

            ';
                }
              }
            }
            """;
    }
}
