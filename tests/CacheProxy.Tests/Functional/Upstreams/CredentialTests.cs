using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CacheProxy.Tests.Functional.Upstreams;

public class CredentialTests
{
    private const string Secret = "sk-the-operators-secret";
    private const string ClientSecret = "sk-the-clients-secret";

    [Theory]
    [InlineData("false", false)]
    [InlineData("true", true)]
    public async Task Client_IsNotIntroducedToAnotherProvider_UnlessTheSettingsSaySo(string forward, bool isSent)
    {
        await using ScriptedUpstream next = await ScriptedUpstream.StartAsync();
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For(
            [("a", Setup.ClosedPort()), ("b", next.Url)], [.. Setup.Fallbacks("a", "b"), ("1:ForwardClientCredentials", forward)]));

        await proxy.AskAsync(headers: [("Authorization", "Bearer " + ClientSecret), ("x-api-key", ClientSecret), ("api-key", ClientSecret), ("Cookie", ClientSecret)]);

        Assert.Equal(isSent, next.Requests.Single().Headers.Values.Any(value => value.Contains(ClientSecret)));
    }

    [Fact]
    public async Task Client_IsIntroducedToTheFirst_AndToOthersAtItsAddress()
    {
        await using ScriptedUpstream only = await ScriptedUpstream.StartAsync();
        only.Script = (context, call) =>
        {
            context.Response.StatusCode = call == 1 ? 503 : 200;
            return call == 1 ? Task.CompletedTask : Answers.ObjectAsync(context, "hello");
        };
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For([("a", only.Url), ("b", only.Url)], Setup.Fallbacks("a", "b")));

        await proxy.AskAsync(headers: ("Authorization", "Bearer " + ClientSecret));

        Assert.All(only.Requests, request => Assert.Equal("Bearer " + ClientSecret, request.Headers["Authorization"]));
        Assert.Equal(2, only.Calls);
    }

    [Fact]
    public async Task Keys_AreInNoLogErrorHeaderOrMetric_WhateverHappens()
    {
        await using ScriptedUpstream first = await ScriptedUpstream.StartAsync();
        await using ScriptedUpstream next = await ScriptedUpstream.StartAsync();
        var log = new EverythingLog();
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, Secret + "-of-b", TestContext.Current.CancellationToken);
        first.Script = (context, call) => MisbehaveAsync(context, call, next.Url);
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(
            Setup.For(
                [("a", first.Url), ("b", next.Url), ("c", Setup.ClosedPort())],
                [.. Setup.Fallbacks("a", "b"), ("0:ApiKey", Secret), ("1:ApiKeyFile", file), ("2:ApiKey", Secret + "-of-c"), ("2:Models", "closed"), ("0:HealthIntervalSeconds", "1")]),
            services => services.AddSingleton<ILoggerProvider>(log).Configure<LoggerFilterOptions>(options =>
            {
                options.Rules.Clear();
                options.MinLevel = LogLevel.Trace;
            }));
        var seen = new StringBuilder();
        for (int i = 0; i < 6; i++)
        {
            seen.Append(await TextOfAsync(proxy, ProxyUnderTest.Question($"question {i}")));
        }

        seen.Append(await TextOfAsync(proxy, ProxyUnderTest.Question().Replace("\"m\"", "\"closed\"")));
        seen.Append(await TextOfAsync(proxy, "{\"model\":5}"));
        foreach (string path in new[] { "/metrics", "/readyz?verbose", "/v1/models", "/v1/files?model=closed" })
        {
            using HttpResponseMessage response = await proxy.Client.GetAsync(path, TestContext.Current.CancellationToken);
            seen.Append(response).Append(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        proxy.Clock.Advance(TimeSpan.FromSeconds(3));
        seen.AppendJoin('\n', log.Lines);
        seen.AppendJoin('\n', proxy.Services.GetRequiredService<CacheProxy.Exchange.Routes.IUpstreamDirectory>().All);

        Assert.NotEmpty(log.Lines);
        Assert.DoesNotContain(Secret, seen.ToString());
        Assert.DoesNotContain(ClientSecret, seen.ToString());
        Assert.All(first.Requests, request => Assert.Equal("Bearer " + Secret, request.Headers["Authorization"]));
        // The test's own client follows where it was sent, with nobody's key.
        Assert.All(next.Requests, request => Assert.Equal(request.Path == "/elsewhere" ? null : $"Bearer {Secret}-of-b", request.Headers.GetValueOrDefault("Authorization")));
        File.Delete(file);
    }

    // Answers, refuses, breaks off, sends elsewhere.
    private static async Task MisbehaveAsync(HttpContext context, int call, string elsewhere)
    {
        switch (call % 5)
        {
            case 0:
                await Answers.ObjectAsync(context, "fine");
                break;
            case 1:
                context.Response.StatusCode = 503;
                break;
            case 2:
                context.Abort();
                break;
            case 3:
                context.Response.Redirect(elsewhere + "/elsewhere");
                break;
            default:
                context.Response.StatusCode = 401;
                await context.Response.WriteAsync("{\"error\":{\"message\":\"no\"}}");
                break;
        }
    }

    private static async Task<string> TextOfAsync(ProxyUnderTest proxy, string body)
    {
        using HttpResponseMessage response = await proxy.BeginAsync(body, [("Authorization", "Bearer " + ClientSecret)]);
        return $"{response}\n{await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}\n";
    }

    /// <summary>Every line of every category, with what its parameters and exceptions say.</summary>
    private sealed class EverythingLog : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => Lines.Enqueue($"{formatter(state, exception)} {exception} {(state is IEnumerable<KeyValuePair<string, object?>> pairs ? string.Join(' ', pairs.Select(pair => pair.Value)) : "")}");

        public void Dispose() { }
    }
}
