namespace CacheProxy.Benchmarks;

/// <summary>nginx as the peer: a fixed upstream that answers one chat completion, and <c>proxy_cache</c> for POST in front of it.</summary>
internal sealed class NginxPeer : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cacheproxy-nginx-");
    private readonly ChildProcess _process;

    public NginxPeer()
    {
        int upstreamPort = FreePort.Next(), cachePort = FreePort.Next();
        Upstream = new Uri($"http://127.0.0.1:{upstreamPort}/");
        Cache = new Uri($"http://127.0.0.1:{cachePort}/v1/chat/completions");
        string cacheFolder = Directory.Exists("/dev/shm") ? $"/dev/shm/{_folder.Name}" : Path.Combine(_folder.FullName, "cache");
        string configuration = Path.Combine(_folder.FullName, "nginx.conf");
        File.WriteAllText(configuration, Configuration(upstreamPort, cachePort, cacheFolder));
        CacheFolder = cacheFolder;
        _process = ChildProcess.Start("nginx", ["-c", configuration, "-p", _folder.FullName]);
    }

    /// <summary>Answers every request with the same chat completion.</summary>
    public Uri Upstream { get; }

    /// <summary>The chat completions path behind nginx's cache.</summary>
    public Uri Cache { get; }

    private string CacheFolder { get; }

    public Task WaitUntilReadyAsync(CancellationToken cancellationToken)
        => _process.WaitUntilReadyAsync(Upstream, TimeSpan.FromSeconds(5), cancellationToken);

    public void Dispose()
    {
        _process.Dispose();
        _folder.Delete(recursive: true);
        if (Directory.Exists(CacheFolder))
        {
            Directory.Delete(CacheFolder, recursive: true);
        }
    }

    private static string Configuration(int upstreamPort, int cachePort, string cacheFolder)
    {
        string content = string.Join(' ', Enumerable.Repeat("hello", 12));
        return $$$"""
            worker_processes 2; pid nginx.pid; error_log error.log; daemon off;
            events { worker_connections 4096; }
            http {
              access_log off; keepalive_requests 10000000; client_body_buffer_size 64k;
              proxy_cache_path {{{cacheFolder}}} levels=1:2 keys_zone=c:50m max_size=500m;
              upstream up { server 127.0.0.1:{{{upstreamPort}}}; keepalive 128; keepalive_requests 10000000; }
              server {
                listen 127.0.0.1:{{{upstreamPort}}};
                location / {
                  default_type application/json;
                  return 200 '{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":"{{{content}}}"},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":12,"total_tokens":22}}';
                }
              }
              server {
                listen 127.0.0.1:{{{cachePort}}};
                location / {
                  proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass http://up;
                  proxy_cache c; proxy_cache_methods POST; proxy_cache_key "$request_uri|$request_body"; proxy_cache_valid 200 1h;
                  add_header X-Cache $upstream_cache_status;
                }
              }
            }
            """;
    }
}
