using System.Globalization;
using System.Text;

namespace CacheProxy.Benchmarks.Miss;

/// <summary>Chat requests of about 2 KB of which no two are equal: every one is a miss.</summary>
internal sealed class DistinctPosts : IDisposable
{
    private static readonly string s_system = string.Concat(Enumerable.Repeat("You are a helpful assistant. ", 60));
    private readonly string _script = Path.GetTempFileName();
    private int _run;

    public static string Body(string question, bool stream = false)
        => $$"""{"model":"gpt-4o-mini","messages":[{"role":"system","content":"{{s_system}}"},{"role":"user","content":"What is a KV cache? {{question}}"}],"temperature":0{{(stream ? ",\"stream\":true" : "")}}}""";

    /// <summary>The question of one request of the latest run.</summary>
    public string Question(int number) => string.Create(CultureInfo.InvariantCulture, $"{_run}-{number}");

    /// <summary>Runs wrk with bodies that were never sent before.</summary>
    public Task<WrkRun> RunAsync(Uri url, int connections, int seconds, CancellationToken cancellationToken)
    {
        _run++;
        string[] body = Body("@").Split('@');
        File.WriteAllText(_script, $$"""
            wrk.method = "POST"
            wrk.headers["Content-Type"] = "application/json"
            wrk.headers["Authorization"] = "Bearer sk-test"
            local number = 0
            request = function()
              number = number + 1
              return wrk.format(nil, nil, nil, [==[{{body[0]}}{{_run}}-]==] .. number .. [==[{{body[1]}}]==])
            end
            """);
        return WrkRun.PostAsync(_script, url, connections, seconds, cancellationToken);
    }

    /// <summary>Times each request by itself, on one connection; none was sent before.</summary>
    /// <returns>Seconds.</returns>
    public List<double> Time(Uri url, int seconds)
    {
        _run++;
        int number = 0;
        return OneConnection.Run(url, Next, TimeSpan.FromSeconds(seconds));

        byte[] Next()
        {
            string body = Body(Question(++number));
            return Encoding.UTF8.GetBytes(
                $"POST {url.AbsolutePath} HTTP/1.1\r\nHost: {url.Authority}\r\nContent-Type: application/json\r\nAuthorization: Bearer sk-test\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        }
    }

    public void Dispose() => File.Delete(_script);
}
