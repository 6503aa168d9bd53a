using CacheProxy.Exchange;
using CacheProxy.Exchange.Policies;
using CacheProxy.Fingerprint;

namespace CacheProxy.Tests.Fingerprint;

public class FingerprintMemoTests
{
    private readonly FingerprintHarness _harness = new();
    private readonly FingerprintMemo _sut;

    public FingerprintMemoTests() => _sut = new FingerprintMemo(_harness.Epochs);

    [Fact]
    public void Body_SeenBefore_IsFound()
    {
        FingerprintedRequest remembered = Remember("hi");

        Assert.Same(remembered, _sut.Find(_harness.Exchange(Body("hi")), _harness.Options, out _));
    }

    [Theory]
    [InlineData("hi ", "", "")]
    [InlineData("hi", "key", "")]
    [InlineData("hi", "", "space")]
    public void Body_OfAnotherOne_IsNotFound(string question, string key, string space)
    {
        Remember("hi");

        Assert.Null(_sut.Find(_harness.Exchange(Body(question), key, space), _harness.Options, out _));
    }

    [Fact]
    public void Body_OfAnotherDialectOrVariant_IsNotFound()
    {
        Remember("hi");

        Assert.Null(_sut.Find(new FingerprintHarness { Dialect = Dialect.AnthropicMessages }.Exchange(Body("hi")), _harness.Options, out _));
        Assert.Null(_sut.Find(Variant("?a"), _harness.Options, out _));
        Assert.NotNull(_sut.Find(Variant(""), _harness.Options, out _));

        ExchangeFeature Variant(string variant) => new() { Dialect = Dialect.OpenAIChat, Scope = _harness.Exchange("").Scope, Body = _harness.Exchange(Body("hi")).Body, Variant = variant };
    }

    [Fact]
    public void Body_AfterAReloadOfTheOptions_IsNotFound()
    {
        Remember("hi");

        Assert.Null(_sut.Find(_harness.Exchange(Body("hi")), new ExactOptions { Epoch = 1 }, out _));
    }

    [Fact]
    public void Body_AfterABumpOfItsNamespace_IsNotFound()
    {
        Remember("hi");

        _harness.Epochs.Epoch++;

        Assert.Null(_sut.Find(_harness.Exchange(Body("hi")), _harness.Options, out _));
    }

    [Fact]
    public void Place_TakenByAnotherBody_IsNoHit()
    {
        ExchangeFeature exchange = _harness.Exchange(Body("one"));
        ExchangeFeature other = _harness.Exchange(Body("two"));
        _sut.Find(other, _harness.Options, out ulong place);

        // As if both hashed to the same place.
        FingerprintedRequest request = _harness.Read(Body("one"));
        _sut.Remember(exchange, _harness.Options, place, request);
        _sut.Remember(exchange, _harness.Options, place, request);

        Assert.Null(_sut.Find(other, _harness.Options, out _));
    }

    [Fact]
    public void Memo_StaysWithinItsBytes_AndKeepsWhatIsAskedFor()
    {
        var options = new ExactOptions { BodyMemoMegabytes = 1 };
        Remember("kept", options);
        for (int i = 0; i < 2000; i++)
        {
            Remember(new string('x', 4000) + i, options);
            Assert.NotNull(_sut.Find(_harness.Exchange(Body("kept")), options, out _));
            Assert.InRange(_sut.SizeBytes, 1, 1 << 20);
        }
    }

    [Fact]
    public void Body_SeenOnce_IsNotKept()
    {
        ExchangeFeature exchange = _harness.Exchange(Body("hi"));
        _sut.Find(exchange, _harness.Options, out ulong place);

        _sut.Remember(exchange, _harness.Options, place, _harness.Read(Body("hi")));

        Assert.Equal(0, _sut.SizeBytes);
        Assert.Null(_sut.Find(exchange, _harness.Options, out _));
    }

    [Fact]
    public void Memo_TurnedOff_KeepsNothing()
    {
        Remember("hi", new ExactOptions { BodyMemoMegabytes = 0 });

        Assert.Equal(0, _sut.SizeBytes);
    }

    private FingerprintedRequest Remember(string question, ExactOptions? options = null)
    {
        ExchangeFeature exchange = _harness.Exchange(Body(question));
        _sut.Find(exchange, options ?? _harness.Options, out ulong place);
        FingerprintedRequest request = _harness.Read(Body(question));
        // The second time, because a body that came once is not kept.
        _sut.Remember(exchange, options ?? _harness.Options, place, request);
        _sut.Remember(exchange, options ?? _harness.Options, place, request);
        return request;
    }

    private static string Body(string question) => $$"""{"model":"m","messages":[{"role":"user","content":"{{question}}"}]}""";
}
