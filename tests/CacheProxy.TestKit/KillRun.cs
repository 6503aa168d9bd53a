using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace CacheProxy.TestKit;

/// <summary>
/// The real proxy in its own process, in front of an upstream whose answers follow from their questions; asked by several clients at once, killed
/// (SIGKILL) and started again on the same folder.
/// </summary>
public sealed class KillRun : IDisposable
{
    private readonly string _program;
    private readonly string _folder;
    private readonly HttpListener _upstream = new();
    private readonly string _upstreamUrl;
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly KillLedger _ledger = new(TimeProvider.System);
    private readonly StringBuilder _output = new();
    private Process? _process;
    private string _url = "";
    private int _next;

    /// <param name="program">Path of CacheProxy.dll.</param>
    /// <param name="folder">The data folder.</param>
    public KillRun(string program, string folder)
    {
        _program = program;
        _folder = folder;
        _upstreamUrl = $"http://127.0.0.1:{FreePort()}";
        _upstream.Prefixes.Add(_upstreamUrl + "/");
        _upstream.Start();
        _ = Task.Run(ServeAsync);
    }

    /// <summary>What the proxy has written to its console since the last start.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <returns>Seconds from the start of the process until it answered.</returns>
    public async Task<double> StartAsync(CancellationToken cancellationToken)
    {
        lock (_output)
        {
            _output.Clear();
        }

        _url = $"http://127.0.0.1:{FreePort()}";
        var start = new ProcessStartInfo("dotnet", [_program]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string key, string value) in new[]
        {
            ("Server__Url", _url), ("Data__Path", _folder), ("Backend__Mode", "none"), ("Backend__Url", _upstreamUrl), ("Semantic__Policy", "off"),
            ("Data__BudgetMilliseconds", "5000"),
        })
        {
            start.Environment["CACHEPROXY__" + key] = value;
        }

        long started = Stopwatch.GetTimestamp();
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        while (!await IsUpAsync(cancellationToken))
        {
            if (_process.HasExited || Stopwatch.GetElapsedTime(started).TotalSeconds > 60)
            {
                throw new InvalidOperationException($"The proxy did not start: {Output}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellationToken);
        }

        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Asks new questions for so long, and until so many were answered, then kills the proxy while they go on.</summary>
    public async Task LoadAndKillAsync(TimeSpan length, int clients, int atLeast, CancellationToken cancellationToken)
    {
        int before = _ledger.Count;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] asking = [.. Enumerable.Range(0, clients).Select(_ => AskForeverAsync(stop.Token))];
        await Task.Delay(length, TimeProvider.System, cancellationToken);
        while (_ledger.Count - before < atLeast)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellationToken);
        }

        _process!.Kill();
        _ledger.Killed();
        await _process.WaitForExitAsync(cancellationToken);
        _process.Dispose();
        await stop.CancelAsync();
        await Task.WhenAll(asking);
    }

    /// <summary>Asks everything again that was answered, from the cache only.</summary>
    public async Task<KillResult> CheckAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<string> questions = _ledger.Questions;
        var result = new KillResult { Answered = questions.Count };
        for (int i = 0; i < questions.Count; i++)
        {
            string question = questions[i];
            using HttpRequestMessage request = Request(question);
            request.Headers.TryAddWithoutValidation("Cache-Control", "only-if-cached");
            using HttpResponseMessage response = await _client.SendAsync(request, cancellationToken);
            string body = await response.Content.ReadAsStringAsync(cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                result = _ledger.IsOfTheLastSecond(i)
                    ? result with { LostOfTheLastSecond = result.LostOfTheLastSecond + 1 }
                    : result with { Lost = result.Lost + 1 };
            }
            else if (body != AnswerTo(question))
            {
                result = result with { Wrong = result.Wrong + 1 };
            }
        }

        return result;
    }

    public void Dispose()
    {
        if (_process is not null && !HasExited(_process))
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _upstream.Close();
        _client.Dispose();
    }

    private static bool HasExited(Process process)
    {
        try
        {
            return process.HasExited;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    }

    private async Task<bool> IsUpAsync(CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage response = await _client.GetAsync(_url + "/readyz", cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task AskForeverAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            string question = $"question {Interlocked.Increment(ref _next)}";
            int round = _ledger.Round;
            try
            {
                using HttpRequestMessage request = Request(question);
                using HttpResponseMessage response = await _client.SendAsync(request, cancellationToken);
                if (response.IsSuccessStatusCode && await response.Content.ReadAsStringAsync(cancellationToken) == AnswerTo(question))
                {
                    _ledger.Answered(question, round);
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or IOException)
            {
                return;
            }
        }
    }

    private HttpRequestMessage Request(string question) => new(HttpMethod.Post, _url + "/v1/chat/completions")
    {
        Content = new StringContent(
            $$"""{"model":"m","messages":[{"role":"user","content":"{{question}}"}]}""", Encoding.UTF8, "application/json"),
    };

    private static string AnswerTo(string question)
    {
        // About 2 KB that no other answer has.
        string text = string.Concat(Enumerable.Range(0, 100).Select(i => $"{question} part {i}, "));
        return $$$"""{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"{{{text}}}"},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}}""";
    }

    private async Task ServeAsync()
    {
        while (_upstream.IsListening)
        {
            try
            {
                HttpListenerContext context = await _upstream.GetContextAsync();
                _ = Task.Run(() => AnswerAsync(context));
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private static async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            using JsonDocument request = await JsonDocument.ParseAsync(context.Request.InputStream);
            string question = request.RootElement.GetProperty("messages")[0].GetProperty("content").GetString()!;
            context.Response.ContentType = "application/json";
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(AnswerTo(question)));
            context.Response.Close();
        }
        catch (Exception exception) when (exception is HttpListenerException or IOException or ObjectDisposedException or JsonException)
        {
            // The proxy was killed meanwhile.
        }
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
