using System.Net.Http.Headers;
using System.Text;
using CacheProxy.Flight;
using CacheProxy.Pipeline;
using CacheProxy.TestKit;
using CacheProxy.Tests.Stores;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CacheProxy.Tests.Functional;

/// <summary>The whole program in front of a scripted upstream: two real Kestrels, an empty data folder, a clock that the test moves.</summary>
internal sealed class ProxyUnderTest : IAsyncDisposable
{
    private readonly DirectoryInfo _data;
    private readonly WebApplication _app;

    private ProxyUnderTest(DirectoryInfo data, WebApplication app, ScriptedUpstream upstream, FakeTimeProvider clock)
    {
        _data = data;
        _app = app;
        Upstream = upstream;
        Clock = clock;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = TimeSpan.FromSeconds(60) };
    }

    public ScriptedUpstream Upstream { get; }

    public FakeTimeProvider Clock { get; }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>Answers under way.</summary>
    public int Flights => Services.GetRequiredService<FlightTable>().Count;

    /// <summary>Requests that wait for them, leaders too.</summary>
    public int Waiters => Services.GetRequiredService<FlightTable>().Waiters;

    /// <param name="settings">Lines of configuration, <c>Section:Key</c> to value.</param>
    public static async Task<ProxyUnderTest> StartAsync(
        Dictionary<string, string>? settings = null, Action<IServiceCollection>? services = null, string? upstreamUrl = null)
    {
        ScriptedUpstream upstream = await ScriptedUpstream.StartAsync();
        DirectoryInfo data = Directory.CreateTempSubdirectory("cacheproxy-test-");
        var clock = new FakeTimeProvider();
        string path = Path.Combine(data.FullName, "cacheproxy.json");
        await File.WriteAllTextAsync(path, SettingsFile.Write(new Dictionary<string, string>
        {
            ["Server:Url"] = "http://127.0.0.1:0",
            ["Data:Path"] = data.FullName,
            ["Backend:Mode"] = "none",
            ["Backend:Url"] = upstreamUrl ?? upstream.Url,
            ["Semantic:Policy"] = "off",
            ["Semantic:AuditShare"] = "0",
        }, settings));
        WebApplication app = CacheProxyApplication.Build(["--config", path], builder =>
        {
            builder.Logging.ClearProviders();
            builder.Services.AddSingleton<TimeProvider>(clock);
            services?.Invoke(builder.Services);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new ProxyUnderTest(data, app, upstream, clock);
    }

    public string ConfigurationPath => Path.Combine(_data.FullName, "cacheproxy.json");

    public Task<Reply> AskAsync(string question = "hi", bool stream = false, string extra = "", params (string Name, string Value)[] headers)
        => SendAsync(Question(question, stream, extra), headers);

    public async Task<Reply> SendAsync(string body, params (string Name, string Value)[] headers)
    {
        using HttpResponseMessage response = await BeginAsync(body, headers, HttpCompletionOption.ResponseContentRead);
        return new Reply(response, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>As above, to any path.</summary>
    public async Task<Reply> PostAsync(string path, string body, params (string Name, string Value)[] headers)
    {
        using HttpResponseMessage response = await BeginAsync(body, headers, HttpCompletionOption.ResponseContentRead, path: path);
        return new Reply(response, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>As above, handing out the answer as it comes.</summary>
    public Task<HttpResponseMessage> BeginAsync(
        string body, (string Name, string Value)[]? headers = null, HttpCompletionOption completion = HttpCompletionOption.ResponseHeadersRead,
        CancellationToken? cancellationToken = null, string path = "/v1/chat/completions")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        foreach ((string name, string value) in headers ?? [])
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return Client.SendAsync(request, completion, cancellationToken ?? TestContext.Current.CancellationToken);
    }

    /// <param name="extra">Further fields, each with a comma in front.</param>
    public static string Question(string question = "hi", bool stream = false, string extra = "")
        => $$"""{"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":"{{question}}"}]{{(stream ? ",\"stream\":true" : "")}}{{extra}}}""";

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        await Upstream.DisposeAsync();

        // A write that a timer began may end behind the program's back, with a file that was not there when the folder was listed.
        await Wait.UntilAsync(TryDeleteData, "the data folder is deleted");
    }

    private bool TryDeleteData()
    {
        try
        {
            _data.Delete(recursive: true);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
