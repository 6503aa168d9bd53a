using CacheProxy.Exchange;
using CacheProxy.Fingerprint;
using CacheProxy.PrefixTag;
using CacheProxy.Tenancy;
using CacheProxy.Tests.Fingerprint;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheProxy.Tests.PrefixTag;

public class PrefixChainTests
{
    private const string System = """{"role":"system","content":"be brief"}""";

    private readonly FingerprintHarness _harness = new();
    private readonly PrefixChain _sut = new(new InstallationSecret("a secret of more than thirty-two characters", "", NullLogger<InstallationSecret>.Instance));

    [Fact]
    public void Questions_AfterOneSystemPrompt_ShareTheirPrefix()
        => Assert.Equal(Ids(System, User("one")), Ids(System, User("two")));

    [Fact]
    public void Conversations_HaveIdsInCommonAsFarAsTheyAreTheSame()
    {
        IReadOnlyList<string> shorter = Ids(System, User("one"), User("two"));
        IReadOnlyList<string> longer = Ids(System, User("one"), Assistant("a"), User("three"));

        Assert.Equal(3, shorter.Count);
        Assert.Equal(4, longer.Count);
        Assert.Equal(shorter, longer.Take(3));
        Assert.Equal(longer.Count, longer.Distinct().Count());
    }

    [Fact]
    public void Spelling_OfAMessage_ChangesNothing()
        => Assert.Equal(Ids(System, User("x")), Ids("""{ "content":"be \u0062rief", "role":"system" }""", User("x")));

    [Fact]
    public void EverythingInFrontOfTheMessages_IsInThePrefix()
    {
        string plain = Ids(System, User("x"))[^1];

        Assert.NotEqual(plain, Compute(Body("other", "", System, User("x")))[^1]);
        Assert.NotEqual(plain, Compute(Body("m", ",\"tools\":[{\"type\":\"function\"}]", System, User("x")))[^1]);
        Assert.Equal(plain, Compute(Body("m", ",\"temperature\":0", System, User("x")))[^1]);
    }

    [Fact]
    public void Scopes_ShareNeitherIdsNorSalts()
    {
        string body = Body("m", "", System, User("x"));

        Assert.NotEqual(Compute(body, "a"), Compute(body, "b"));
        Assert.NotEqual(_sut.Salt(_harness.Exchange(body, "a").Scope), _sut.Salt(_harness.Exchange(body, "b").Scope));
        Assert.Matches("^[0-9a-f]{32}$", _sut.Salt(_harness.Exchange(body, "a").Scope));
    }

    private IReadOnlyList<string> Ids(params string[] messages) => Compute(Body("m", "", messages));

    private IReadOnlyList<string> Compute(string body, string key = "")
    {
        ExchangeFeature exchange = _harness.Exchange(body, key);
        FingerprintedRequest request = _harness.Read(body, key);
        exchange.Facts = request.Facts;
        exchange.Route = request.Route;
        return _sut.Compute(exchange);
    }

    private static string Body(string model, string extra, params string[] messages)
        => $$"""{"messages":[{{string.Join(',', messages)}}],"model":"{{model}}"{{extra}}}""";

    private static string User(string text) => $$"""{"role":"user","content":"{{text}}"}""";

    private static string Assistant(string text) => $$"""{"role":"assistant","content":"{{text}}"}""";
}
