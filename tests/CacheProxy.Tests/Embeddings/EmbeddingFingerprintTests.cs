using System.Text.Json;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Policies;
using CacheProxy.Tests.Fingerprint;
using FsCheck;
using FsCheck.Fluent;

namespace CacheProxy.Tests.Embeddings;

/// <summary>Over random batches: an input has one identity, whatever stands around it; nothing else has that.</summary>
public class EmbeddingFingerprintTests
{
    private static readonly FingerprintHarness Sut = new() { Dialect = Dialect.OpenAIEmbeddings };

    [Fact]
    public void Input_HasTheSameIdentityAloneInAnyBatchAndSpelling() => Check(random =>
    {
        string[] texts = Texts(random);
        Fingerprint256[] batch = Sut.InputsOf(Body(texts, random));
        int at = random.Next(texts.Length);
        string alone = random.Next(2) == 0 ? JsonSerializer.Serialize(texts[at]) : $"[ {JsonSerializer.Serialize(texts[at])} ]";
        return Sut.InputsOf($$"""{"input":{{alone}},"user":"x","encoding_format":"base64","dimensions":null,"model":"m"}""").Single() == batch[at];
    });

    [Fact]
    public void Inputs_ThatDiffer_NeverShareAnIdentity() => Check(random =>
    {
        string[] texts = Texts(random);
        Fingerprint256[] batch = Sut.InputsOf(Body(texts, random));
        return Enumerable.Range(0, texts.Length).All(i => Enumerable.Range(0, texts.Length).All(j => (batch[i] == batch[j]) == (texts[i] == texts[j])));
    });

    [Fact]
    public void TokensAndTexts_ThatLookAlike_AreDifferentInputs() => Check(random =>
    {
        int[] tokens = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => random.Next(30))];
        string json = JsonSerializer.Serialize(tokens);
        Fingerprint256 one = Sut.InputsOf($$"""{"model":"m","input":{{json}}}""").Single();
        return one == Sut.InputsOf($$"""{"model":"m","input":[{{json}}]}""").Single()
            && one != Sut.InputsOf($$"""{"model":"m","input":{{JsonSerializer.Serialize(json)}}}""").Single()
            && one != Sut.InputsOf($$"""{"model":"m","input":{{JsonSerializer.Serialize(tokens.Append(0))}}}""").Single()
            && (tokens.Length == 1 || one != Sut.InputsOf($$"""{"model":"m","input":[{{tokens[0]}}]}""").Single());
    });

    [Theory]
    [InlineData("""{"model":"n","input":"a"}""")]
    [InlineData("""{"model":"m","input":"a","dimensions":8}""")]
    [InlineData("""{"model":"m","input":"a","input_type":"query"}""")]
    [InlineData("""{"model":"m","input":"a","x":{"b":null}}""")]
    [InlineData("""{"model":"m","input":"a "}""")]
    public void Field_ThatCanChangeTheVector_ChangesTheIdentity(string body)
        => Assert.NotEqual(Sut.InputsOf("""{"model":"m","input":"a"}""").Single(), Sut.InputsOf(body).Single());

    [Fact]
    public void KeyNamespaceAndEpoch_ChangeTheIdentity()
    {
        const string body = """{"model":"m","input":"a"}""";
        var other = new FingerprintHarness { Dialect = Dialect.OpenAIEmbeddings, Options = new ExactOptions { Epoch = 1 } };
        var secret = new FingerprintHarness(secret: "another secret of more than thirty-two characters") { Dialect = Dialect.OpenAIEmbeddings };

        Fingerprint256[] all =
        [
            Sut.InputsOf(body).Single(), Sut.InputsOf(body, key: "k").Single(), Sut.InputsOf(body, space: "n").Single(),
            other.InputsOf(body).Single(), secret.InputsOf(body).Single(),
        ];

        Assert.Equal(all.Length, all.Distinct().Count());
    }

    private static void Check(Func<Random, bool> property)
        => Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => property(new Random(seed))).QuickCheckThrowOnFailure();

    private static string[] Texts(Random random)
        => [.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => string.Concat(Enumerable.Range(0, random.Next(0, 4)).Select(_ => "ab\"\\\n é1"[random.Next(8)])))];

    private static string Body(string[] texts, Random random)
        => $$"""{"model":"m", {{(random.Next(2) == 0 ? "\"encoding_format\":\"float\"," : "")}} "input" : {{JsonSerializer.Serialize(texts)}} }""";
}
