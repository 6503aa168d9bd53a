using CacheProxy.Exchange;
using CacheProxy.Exchange.Policies;
using CacheProxy.Fingerprint;

namespace CacheProxy.Tests.Fingerprint;

public class ConversationTests
{
    private const string Turns = """{"role":"user","content":"one"},{"role":"assistant","content":"two"},{"role":"user","content":"three"}""";

    private static readonly FingerprintHarness Sut = new();

    [Fact]
    public void Earlier_Turns_AreTheTextsInFrontOfTheLast()
    {
        Conversation conversation = Sut.ConversationOf(Chat(Turns))!;

        Assert.Equal([new ConversationTurn(true, "one"), new ConversationTurn(false, "two")], conversation.Earlier);
    }

    [Theory]
    [InlineData("one", "uno")]
    [InlineData("two", "due")]
    [InlineData("three", "tre")]
    [InlineData("\"content\":\"one\"", "\"content\":[{\"type\":\"text\",\"text\":\"uno\"}]")]
    [InlineData("{\"role\":\"user\",\"content\":\"one\"}", "{\"content\":\"another and a longer one\",\"role\":\"user\"}")]
    public void Partition_OtherTextOfATurn_IsTheSame(string old, string other)
        => Assert.Equal(PartitionOf(Chat(Turns)), PartitionOf(Chat(Turns.Replace(old, other))));

    public static TheoryData<string> Different => new(
        Chat(Turns.Replace("assistant", "user")),
        Chat(Turns + """,{"role":"assistant","content":"four"},{"role":"user","content":"five"}"""),
        Chat("""{"role":"system","content":"s"},""" + Turns),
        Chat(Turns, ""","temperature":0"""),
        Chat(Turns, ""","something_new":1"""),
        Chat(Turns).Replace("\"m\"", "\"n\""),
        Chat(Turns.Replace("\"content\":\"one\"", "\"content\":\"one\",\"name\":\"bob\"")),
        Chat(Turns.Replace("\"content\":\"two\"", "\"content\":null,\"tool_calls\":[]")));

    [Theory]
    [MemberData(nameof(Different))]
    public void Partition_AnythingElseDiffers_IsAnother(string body) => Assert.NotEqual(PartitionOf(Chat(Turns)), PartitionOf(body));

    [Fact]
    public void Partition_AllThatDiffer_DifferFromEachOther()
        => Assert.Equal(Different.Count, Different.Select(row => PartitionOf(row.Data)).Distinct().Count());

    [Fact]
    public void Partition_IsNoOtherIdentityOfTheRequest()
    {
        FingerprintedRequest request = Sut.Read(Chat(Turns));

        Assert.NotEqual(request.Fingerprint, PartitionOf(Chat(Turns)));
        Assert.NotEqual(request.Partition, PartitionOf(Chat(Turns)));
        Assert.NotEqual(PartitionOf(Chat(Turns)), Sut.ConversationOf(Chat(Turns), key: "another")!.Partition);
    }

    [Theory]
    [InlineData("""{"role":"user","content":"one"}""")]
    [InlineData("""{"role":"system","content":"s"},{"role":"user","content":"one"}""")]
    [InlineData("""{"role":"user","content":" "},{"role":"assistant","content":"two"},{"role":"user","content":"three"}""")]
    [InlineData("""{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:x"}}]},{"role":"assistant","content":"two"},{"role":"user","content":"three"}""")]
    public void Conversation_WithoutEarlierTextsOfTheUser_IsNone(string turns) => Assert.Null(Sut.ConversationOf(Chat(turns)));

    [Fact]
    public void Partition_SameConversationInThreeDialects_IsTheSame()
    {
        var responses = new FingerprintHarness { Dialect = Dialect.OpenAIResponses };
        var messages = new FingerprintHarness { Dialect = Dialect.AnthropicMessages };
        Fingerprint256 chat = PartitionOf(Chat("""{"role":"system","content":"s"},""" + Turns, ""","max_tokens":9"""));

        Assert.Equal(chat, responses.ConversationOf($$"""{"model":"m","max_output_tokens":9,"instructions":"s","input":[{{Turns}}]}""")!.Partition);
        Assert.Equal(chat, messages.ConversationOf($$"""{"model":"m","max_tokens":9,"system":"s","messages":[{{Turns}}]}""")!.Partition);
    }

    [Fact]
    public void Partition_OfADialectAlone_HoldsEverythingButTheTexts()
    {
        var apart = new FingerprintHarness { Options = new ExactOptions { ShareDialects = false } };
        Fingerprint256 partition = apart.ConversationOf(Chat(Turns))!.Partition;

        Assert.NotEqual(partition, PartitionOf(Chat(Turns)));
        Assert.Equal(partition, apart.ConversationOf(Chat(Turns.Replace("two", "a much longer answer")))!.Partition);
        Assert.NotEqual(partition, apart.ConversationOf(Chat(Turns.Replace("assistant", "developer")))!.Partition);
    }

    [Fact]
    public void Conversation_ReadInBetween_LeavesTheFingerprintAsItWas()
    {
        Fingerprint256 before = Sut.Of(Chat(Turns));
        Sut.ConversationOf(Chat(Turns.Replace("three", "four")));

        Assert.Equal(before, Sut.Of(Chat(Turns)));
    }

    private static Fingerprint256 PartitionOf(string body) => Sut.ConversationOf(body)!.Partition;

    private static string Chat(string turns, string extra = "") => $$"""{"model":"m","messages":[{{turns}}]{{extra}}}""";
}
