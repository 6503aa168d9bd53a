using System.Text;
using System.Text.Json.Nodes;
using CacheProxy.Forward;

namespace CacheProxy.Tests.Forward;

public class RequestBodyRewriterTests
{
    private const string Odd = "\r\n{ \"model\" :\t\"a\\u006c\" , \"messages\":[ {\"role\":\"user\",\"content\":\"\\u00e9 \\n {\\\"model\\\":\\\"x\\\"}\"} ],\"x\": 1.50e0 ,\n\"nested\":{\"model\":\"inner\",\"stream_options\":null}}\n";

    [Fact]
    public void Model_IsReplaced_AndEveryOtherByteStays()
        => Assert.Equal(Odd.Replace("\"a\\u006c\"", "\"gpt-4o\""), Apply(Odd, new BodyEdits { Model = "gpt-4o" }));

    [Fact]
    public void Model_WithCharactersThatNeedEscapes_IsStillJson()
        => Assert.Equal("a\"b\\é", (string?)JsonNode.Parse(Apply(Odd, new BodyEdits { Model = "a\"b\\é" }))!["model"]);

    [Fact]
    public void Nothing_ToChange_GivesTheSameMemory()
    {
        ReadOnlyMemory<byte> body = Encoding.UTF8.GetBytes(Odd);

        Assert.True(RequestBodyRewriter.Apply(body, default).Equals(body));
    }

    [Theory]
    [InlineData("""{"stream":true}""", """{"stream":true,"stream_options":{"include_usage":true}}""")]
    [InlineData("""{"stream_options":null,"a":1}""", """{"stream_options":{"include_usage":true},"a":1}""")]
    [InlineData("""{"stream_options":{ },"a":1}""", """{"stream_options":{"include_usage":true },"a":1}""")]
    [InlineData("""{"stream_options":{"include_usage": false , "x":[{}]}}""", """{"stream_options":{"include_usage": true , "x":[{}]}}""")]
    [InlineData("""{"stream_options":{"x":1}}""", """{"stream_options":{"include_usage":true,"x":1}}""")]
    [InlineData("{ }", """{ "stream_options":{"include_usage":true}}""")]
    public void Usage_IsAskedFor_WhereverTheClientLeftOff(string body, string expected)
        => Assert.Equal(expected, Apply(body, new BodyEdits { AddsUsage = true }));

    [Fact]
    public void Hints_AreAdded_OnlyWhereTheClientHasNone()
    {
        var edits = new BodyEdits { PromptCacheKey = "p", CacheSalt = "s" };

        Assert.Equal("""{"a":1,"prompt_cache_key":"p","cache_salt":"s"}""", Apply("""{"a":1}""", edits));
        Assert.Equal("""{"prompt_cache_key":"mine","cache_salt":"own"}""", Apply("""{"prompt_cache_key":"mine","cache_salt":"own"}""", edits));
    }

    [Theory]
    [InlineData("""{"system":"be brief","a":1}""", """{"system":[{"type":"text","text":"be brief","cache_control":{"type":"ephemeral"}}],"a":1}""")]
    [InlineData("""{"system":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}""", """{"system":[{"type":"text","text":"a"},{"type":"text","text":"b","cache_control":{"type":"ephemeral"}}]}""")]
    [InlineData("""{"system":"","a":1}""", """{"system":"","a":1}""")]
    [InlineData("""{"system":[],"a":1}""", """{"system":[],"a":1}""")]
    [InlineData("""{"a":1}""", """{"a":1}""")]
    [InlineData("""{"system":"s","messages":[{"content":[{"cache_control":{"type":"ephemeral"}}]}]}""", """{"system":"s","messages":[{"content":[{"cache_control":{"type":"ephemeral"}}]}]}""")]
    [InlineData("""{"cache_control":{"type":"ephemeral"},"system":"s"}""", """{"cache_control":{"type":"ephemeral"},"system":"s"}""")]
    [InlineData("""{"system":[{"text":"a","cache_control":null},{"text":"b"}]}""", """{"system":[{"text":"a","cache_control":null},{"text":"b"}]}""")]
    public void System_IsMarked_OnceAndOnlyWhereNothingIs(string body, string expected)
        => Assert.Equal(expected, Apply(body, new BodyEdits { MarksSystem = true }));

    [Theory]
    [InlineData("not json")]
    [InlineData("[1,2]")]
    [InlineData("{\"model\":\"m\"")]
    [InlineData("")]
    [InlineData("{\"model\":\"m\"} trailing")]
    public void Body_ThatIsNoObject_ComesBackAsItWas(string body)
        => Assert.Equal(body, Apply(body, new BodyEdits { Model = "x", AddsUsage = true }));

    [Fact]
    public void Members_InAnyOrderAndSpelling_KeepTheirBytes()
    {
        var random = new Random(17);
        for (int round = 0; round < 500; round++)
        {
            string[] members = [.. Enumerable.Range(0, random.Next(6)).Select(i => $"\"f{i}\"{Space(random)}:{Space(random)}{Value(random, 0)}")];
            string[] all = [.. members.Append($"\"model\":{Space(random)}\"old\"")];
            random.Shuffle(all);
            string body = $"{Space(random)}{{{Space(random)}{string.Join($"{Space(random)},{Space(random)}", all)}{Space(random)}}}{Space(random)}";

            Assert.Equal(body.Replace("\"old\"", "\"new\""), Apply(body, new BodyEdits { Model = "new" }));
        }
    }

    private static string Apply(string body, BodyEdits edits) => Encoding.UTF8.GetString(RequestBodyRewriter.Apply(Encoding.UTF8.GetBytes(body), edits).Span);

    private static string Space(Random random) => new string[] { "", " ", "\n", "\t  " }[random.Next(4)];

    private static string Value(Random random, int depth) => random.Next(depth > 3 ? 4 : 6) switch
    {
        0 => "1.0e2",
        1 => "\"\\u0041\\\"}{\"",
        2 => "null",
        3 => "true",
        4 => $"[{Value(random, depth + 1)},{Space(random)}{Value(random, depth + 1)}]",
        _ => $"{{\"model\":{Value(random, depth + 1)}}}",
    };
}
