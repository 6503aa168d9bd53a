using CacheProxy.Exchange;
using CacheProxy.Exchange.Policies;
using CacheProxy.Fingerprint;
using CacheProxy.Tenancy;

namespace CacheProxy.Tests.Fingerprint;

public class FingerprinterTests
{
    private const string Plain = """{"model":"m","messages":[{"role":"user","content":"hi"}]}""";

    private static readonly FingerprintHarness Sut = new();

    public static TheoryData<string> Defaults => new(
        "\"temperature\":1", "\"temperature\":1.0", "\"temperature\":10e-1", "\"top_p\":1", "\"n\":1", "\"presence_penalty\":0", "\"frequency_penalty\":-0.0",
        "\"logprobs\":false", "\"logit_bias\":{}", "\"stop\":null", "\"seed\":null", "\"tool_choice\":\"auto\"", "\"parallel_tool_calls\":true",
        "\"response_format\":{\"type\":\"text\"}", "\"modalities\":[\"text\"]", "\"store\":false", "\"service_tier\":\"auto\"", "\"tools\":null");

    public static TheoryData<string> Irrelevant => new(
        "\"stream\":true", "\"stream_options\":{\"include_usage\":true}", "\"user\":\"u\"", "\"metadata\":{\"a\":\"b\"}", "\"safety_identifier\":\"s\"", "\"prompt_cache_key\":\"k\"",
        "\"priority\":-2", "\"speculate\":0");

    public static TheoryData<string> Relevant => new(
        "\"temperature\":0", "\"top_p\":0.9", "\"n\":2", "\"presence_penalty\":0.1", "\"logprobs\":true", "\"seed\":0", "\"stop\":\"x\"", "\"max_tokens\":1",
        "\"max_completion_tokens\":2", "\"tool_choice\":\"none\"", "\"response_format\":{\"type\":\"json_object\"}", "\"reasoning_effort\":\"low\"",
        "\"something_new\":null", "\"something_new\":false", "\"top_k\":1", "\"service_tier\":\"flex\"", "\"tools\":[]");

    [Theory]
    [MemberData(nameof(Defaults))]
    public void ExplicitDefault_IsTheSameAsNone(string field) => Assert.Equal(Sut.Of(Plain), Sut.Of(With(field)));

    [Theory]
    [MemberData(nameof(Irrelevant))]
    public void Field_ThatCannotChangeTheAnswer_IsLeftOut(string field) => Assert.Equal(Sut.Of(Plain), Sut.Of(With(field)));

    [Theory]
    [MemberData(nameof(Relevant))]
    public void Field_ThatCanChangeTheAnswer_IsIn(string field) => Assert.NotEqual(Sut.Of(Plain), Sut.Of(With(field)));

    [Fact]
    public void Epoch_OfItsNamespace_IsPartOfBoth()
    {
        var harness = new FingerprintHarness();
        const string Body = """{"model":"m","messages":[{"role":"user","content":"hi"}]}""";
        FingerprintedRequest before = harness.Read(Body);

        harness.Epochs.Epoch++;

        FingerprintedRequest after = harness.Read(Body);
        Assert.NotEqual(before.Fingerprint, after.Fingerprint);
        Assert.NotEqual(before.Partition, after.Partition);
    }

    [Fact]
    public void RelevantFields_AreAllDifferent()
        => Assert.Equal(Relevant.Count, Relevant.Select(row => Sut.Of(With(row.Data))).Distinct().Count());

    [Fact]
    public void SamplingDefaults_OfAServerOfItsOwn_AreNotAssumed()
    {
        var own = new FingerprintHarness { Options = new ExactOptions { AssumeOpenAIDefaults = false } };

        Assert.NotEqual(own.Of(Plain), own.Of(With("\"temperature\":1")));
        Assert.Equal(own.Of(Plain), own.Of(With("\"n\":1")));
    }

    [Theory]
    [InlineData("""["a","bc"]""", """["ab","c"]""")]
    [InlineData("""["a","b"]""", """["b","a"]""")]
    [InlineData("""[["a"],"b"]""", """[["a","b"]]""")]
    [InlineData("""{"a":"b"}""", """{"ab":""}""")]
    [InlineData("""{"a":{},"b":1}""", """{"a":{"b":1}}""")]
    [InlineData("\"1\"", "1")]
    [InlineData("null", "\"null\"")]
    [InlineData("[]", "{}")]
    [InlineData("12345678901234567890", "12345678901234567891")]
    [InlineData("0.1", "0.10000000000000001")]
    [InlineData("1e400", "1e401")]
    [InlineData("\"é\"", "\"e\\u0301\"")]
    public void Values_ThatDiffer_NeverWriteTheSameBytes(string one, string other)
        => Assert.NotEqual(Sut.Of(With($"\"x\":{one}")), Sut.Of(With($"\"x\":{other}")));

    [Theory]
    [InlineData("100", "1e2")]
    [InlineData("1.50", "15e-1")]
    [InlineData("0", "-0")]
    [InlineData("0e9", "0.000")]
    [InlineData("1000E-3", "1")]
    public void Numbers_OfOneValue_AreOne(string one, string other)
        => Assert.Equal(Sut.Of(With($"\"x\":{one}")), Sut.Of(With($"\"x\":{other}")));

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{},"b":{}}}""", """{"type":"object","properties":{"b":{},"a":{}}}""")]
    [InlineData("""{"minimum":1}""", """{"minimum":1.0}""")]
    [InlineData("""{"enum":["a","b"]}""", """{"enum":["b","a"]}""")]
    public void Schemas_AreKeptAsTheModelSeesThem(string one, string other)
    {
        static string Tool(string schema) => With("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":" + schema + "}}]");

        Assert.NotEqual(Sut.Of(Tool(one)), Sut.Of(Tool(other)));
    }

    [Fact]
    public void Context_IsInTheFingerprint()
    {
        Fingerprint256[] all =
        [
            Sut.Of(Plain), Sut.Of(Plain, key: "a"), Sut.Of(Plain, key: "b"), Sut.Of(Plain, space: "n"), Sut.Of(Plain, key: "a", space: "n"),
            new FingerprintHarness { Options = new ExactOptions { Epoch = 1 } }.Of(Plain),
            new FingerprintHarness(secret: "another secret of more than thirty-two characters").Of(Plain),
        ];

        Assert.Equal(all.Length, all.Distinct().Count());
    }

    [Fact]
    public void User_CountsWhereTheScopeIsTheUser()
    {
        var perUser = new FingerprintHarness(ScopeMode.User);

        Assert.NotEqual(perUser.Of(With("\"user\":\"a\"")), perUser.Of(With("\"user\":\"b\"")));
        Assert.Equal(new FingerprintHarness(ScopeMode.Shared).Of(Plain, key: "a"), new FingerprintHarness(ScopeMode.Shared).Of(Plain, key: "b"));
    }

    [Fact]
    public void Partition_IsNeverAFingerprint()
    {
        FingerprintedRequest request = Sut.Read(Plain);

        Assert.NotEqual(request.Fingerprint, request.Partition);
    }

    [Theory]
    [InlineData("""[{"role":"user","content":"q"}]""", "q")]
    [InlineData("""[{"content":[{"type":"text","text":"a"},{"text":"b","type":"text"}],"role":"user"}]""", "a\nb")]
    [InlineData("""[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]""", null)]
    [InlineData("""[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:x"}}]}]""", null)]
    [InlineData("""[{"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}]}]""", null)]
    [InlineData("""[{"role":"user","content":null}]""", null)]
    [InlineData("""[{"role":"user","content":"  "}]""", null)]
    [InlineData("""[{"role":"system","content":"q"}]""", null)]
    public void LastUserText_IsThePlainTextOfTheLastTurn(string messages, string? expected)
        => Assert.Equal(expected, Sut.Read($$"""{"messages":{{messages}},"model":"m"}""").Facts.LastUserText);

    [Fact]
    public void Facts_AreReadInTheSamePass()
    {
        RequestFacts facts = Sut.Read("""
            {"stream":true,"stream_options":{"x":null,"include_usage":true},"temperature":0.25,"n":3,"tools":[{}],"user":"me","model":"m","logprobs":true,
             "messages":[{"role":"system","content":"s"},{"role":"tool","content":"t"},{"role":"user","content":"q"}]}
            """).Facts;

        Assert.Equal(
            new RequestFacts
            {
                Model = "m",
                IsStream = true,
                IncludesUsage = true,
                Temperature = 0.25,
                Choices = 3,
                MessageCount = 3,
                HasToolResults = true,
                HasTools = true,
                WantsLogProbs = true,
                User = "me",
                LastUserText = "q",
            },
            facts);
    }

    private static string With(string field) => $$"""{{{field}},"model":"m","messages":[{"role":"user","content":"hi"}]}""";
}
