using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Routes;
using CacheProxy.Fingerprint;
using CacheProxy.PrefixTag;
using CacheProxy.Tenancy;
using CacheProxy.TestKit;
using CacheProxy.Tests.Fingerprint;
using CacheProxy.Tests.SemanticCache;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheProxy.Tests.PrefixTag;

/// <summary>A forecast of one upstream, whose requests are asked and answered by hand. A token is four bytes of text.</summary>
internal sealed class ForecastHarness(string? kind, string model = "m", int remembered = 100_000)
{
    private readonly FingerprintHarness _requests = new() { Dialect = kind == "anthropic" ? Dialect.AnthropicMessages : Dialect.OpenAIChat };
    private readonly PrefixChain _chain = new(new InstallationSecret("a secret of more than thirty-two characters", "", NullLogger<InstallationSecret>.Instance));
    private PrefixForecast? _sut;

    public FakeTimeProvider Clock { get; } = new();

    public UpstreamTarget Upstream { get; set; } = new() { Name = "u", BaseUrl = "http://localhost", Kind = kind };

    private PrefixForecast Sut => _sut ??= new PrefixForecast(_chain, new TestOptions<PrefixOptions>(new PrefixOptions { RememberedTurns = remembered }), Clock);

    /// <summary>Longer than any upstream remembers: whatever was never seen is not kept.</summary>
    public ForecastHarness Settled()
    {
        Expect(Turn("user", "first"));
        Clock.Advance(TimeSpan.FromDays(2));
        return this;
    }

    public long Expect(params string[] turns) => Ask(turns).Expectation.Tokens;

    /// <summary>Asks, and is answered with so many tokens of the prompt, out of the cache those that were expected.</summary>
    /// <returns>What was expected before.</returns>
    public long Answer(long promptTokens, params string[] turns)
        => Answer(new TokenCounts(promptTokens, 10) { CachedRead = Math.Max(0, Expect(turns)), CacheWrite = 0 }, null, turns);

    public long Answer(TokenCounts usage, string? answer, params string[] turns)
    {
        ExchangeFeature exchange = Ask(turns);
        (exchange.Usage, exchange.PlainAnswer) = (usage, answer);
        Sut.Learn(exchange, 200);
        return exchange.Expectation.Tokens;
    }

    public void Fail(int status, TokenCounts usage, params string[] turns)
    {
        ExchangeFeature exchange = Ask(turns);
        exchange.Usage = usage;
        Sut.Learn(exchange, status);
    }

    /// <summary>As <see cref="Expect"/>, where the request has further fields in front of its turns, each with a comma behind it.</summary>
    public string Fields { get; set; } = "";

    public bool MarksHead { get; set; }

    public static string Turn(string role, string text, string mark = "")
        => mark.Length == 0 ? $$"""{"role":"{{role}}","content":"{{text}}"}""" : $$"""{"role":"{{role}}","content":[{"type":"text","text":"{{text}}","cache_control":{{mark}}}]}""";

    public ExchangeFeature Ask(params string[] turns)
    {
        string body = $$"""{"model":"{{model}}",{{Fields}}"messages":[{{string.Join(',', turns)}}]}""";
        ExchangeFeature exchange = _requests.Exchange(body);
        FingerprintedRequest request = _requests.Read(body);
        (exchange.Facts, exchange.Route, exchange.Served) = (request.Facts, request.Route, Upstream);
        exchange.Outline = _chain.Read(exchange);
        exchange.Expectation = Sut.Expect(exchange, Upstream, model, MarksHead);
        return exchange;
    }
}
