using System.Text;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Policies;
using CacheProxy.Fingerprint;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Tests.Fingerprint;

/// <summary>Bodies that are broken, huge or made to confuse: an answer that names the field, or a request that the cache leaves alone.</summary>
public class HostileBodyTests
{
    private const int Many = 100_000;

    public static TheoryData<Dialect> Dialects => new(RequestFieldList.Dialects);

    [Theory]
    [MemberData(nameof(Dialects))]
    public void Nesting_BeyondTheLimit_IsRefusedByName(Dialect dialect)
    {
        string name = RequestFieldList.Of(dialect).Fields.First(field => field.IsIn && field.Name is "logit_bias" or "reasoning" or "thinking").Name;

        RequestError? deep = Error(dialect, With(dialect, name, Nested(300)));
        RequestError? deepest = Error(dialect, With(dialect, name, new string('[', Many)));

        Assert.Equal(("invalid_json", name), (deep!.Code, deep.Param));
        Assert.Contains("256 levels", deep.Message);
        Assert.Equal("invalid_json", deepest!.Code);
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public void Nesting_OfADeepSchema_IsARequestLikeAnother(Dialect dialect)
    {
        var sut = new FingerprintHarness { Dialect = dialect };
        string one = With(dialect, "tools", $$"""[{"type":"function","name":"f","parameters":{{Nested(120)}},"input_schema":{{Nested(200)}}}]""");

        Assert.NotEqual(sut.Of(one), sut.Of(With(dialect, "tools", $$"""[{"type":"function","name":"f","parameters":{{Nested(121)}},"input_schema":{{Nested(200)}}}]""")));
        Assert.Equal(sut.Of(one), sut.Of(one));
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public void Body_WithVeryManyMembers_IsReadInTime(Dialect dialect)
    {
        var sut = new FingerprintHarness { Dialect = dialect };
        string members = string.Join(',', Enumerable.Range(0, Many).Select(i => $"\"k{(i * 7919) % Many}\":{i}"));
        string elements = string.Join(',', Enumerable.Range(0, Many).Select(_ => "[]"));
        long started = Environment.TickCount64;

        Assert.False(sut.Read(With(dialect, "x", $$"""{{{members}}}""")).HasDuplicateNames);
        Assert.False(sut.Read(With(dialect, "x", $"[{elements}]")).HasDuplicateNames);
        Assert.False(sut.Read(RequestFieldList.Of(dialect).Base.ToJsonString()[..^1] + "," + members + "}").HasDuplicateNames);
        Assert.InRange(Environment.TickCount64 - started, 0, 15_000);
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public void Names_ThatComeTwice_AreLeftAlone(Dialect dialect)
    {
        var list = RequestFieldList.Of(dialect);
        var sut = new FingerprintHarness { Dialect = dialect };
        foreach (RequestFieldList.Field field in list.Fields)
        {
            string once = $"\"{field.Name}\":{field.Values[0]?.ToJsonString() ?? "null"}";
            string body = list.Base.ToJsonString()[..^1];
            string twice = list.Base.ContainsKey(field.Name) ? $"{body},{once}}}" : $"{body},{once},{once}}}";

            Assert.True(sut.Read(twice).HasDuplicateNames, field.Name);
        }

        // Spelled with escapes it is the same name.
        Assert.True(sut.Read(With(dialect, "x", """{"a":1,"\u0061":1}""")).HasDuplicateNames);
        Assert.True(sut.Read(With(dialect, "x", "1,\"\\u0078\":1")).HasDuplicateNames);
    }

    [Theory]
    [InlineData(Dialect.OpenAIChat, """{"model":"m","messages":[{"role":"user","role":"user","content":"a"}]}""")]
    [InlineData(Dialect.OpenAIChat, """{"model":"m","messages":[{"role":"user","content":"b","content":"a"}]}""")]
    [InlineData(Dialect.OpenAIChat, """{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"b","text":"a"}]}]}""")]
    [InlineData(Dialect.OpenAIResponses, """{"model":"m","input":[{"type":"message","type":"message","role":"user","content":"a"}]}""")]
    [InlineData(Dialect.OpenAIResponses, """{"model":"m","input":[{"type":"message","type":"item_reference","role":"user","content":"a"}]}""")]
    [InlineData(Dialect.OpenAIResponses, """{"model":"m","input":[{"type":"function_call","type":"message","role":"user","content":"a"}]}""")]
    [InlineData(Dialect.OpenAIResponses, """{"model":"m","input":"a","tools":[{"type":"web_search","type":"function"}]}""")]
    [InlineData(Dialect.AnthropicMessages, """{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"b","text":"a"}]}]}""")]
    [InlineData(Dialect.AnthropicMessages, """{"model":"m","system":[{"type":"text","text":"b","text":"a"}],"messages":[{"role":"user","content":"a"}]}""")]
    [InlineData(Dialect.AnthropicMessages, """{"model":"m","tools":[{"name":"a","name":"b"}],"messages":[{"role":"user","content":"a"}]}""")]
    public void Names_ThatComeTwiceInside_AreLeftAlone(Dialect dialect, string body)
    {
        FingerprintedRequest request = new FingerprintHarness { Dialect = dialect }.Read(body);

        Assert.True(request.HasDuplicateNames);
        Assert.Equal(BypassReason.Unparsed, BypassRules.Judge(request, CachePolicy.Default));
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public void Text_ThatIsNone_IsRefused(Dialect dialect)
    {
        string body = RequestFieldList.Of(dialect).Base.ToJsonString();
        string[] broken =
        [
            "", " ", "null", "[]", "\"x\"", "1", "{", body[..^1], body + "x", body + body, body + "\0", "\uFEFF" + body, body.Replace('"', '\''), body[..^1] + ",}",
            With(dialect, "x", "NaN"), With(dialect, "x", "Infinity"), With(dialect, "x", "-Infinity"), With(dialect, "x", "01"), With(dialect, "x", "1."), With(dialect, "x", "+1"),
            With(dialect, "x", "\"\\ud800\""), With(dialect, "x", "\"\\udc00\\ud800\""), With(dialect, "x", "\"\n\""), With(dialect, "x", "\"\\x\""), With(dialect, "\\ud800", "1"),
            With(dialect, "x", "1 /* comment */"), With(dialect, "temperature", "NaN"), With(dialect, "temperature", "\"NaN\""),
        ];
        foreach (string text in broken)
        {
            Assert.True(Error(dialect, text) is { Status: 400 }, text);
        }

        byte[] valid = Encoding.UTF8.GetBytes(body);
        int at = Array.LastIndexOf(valid, (byte)'i');
        foreach (byte bad in new byte[] { 0x80, 0xC0, 0xED, 0xF5, 0xFF })
        {
            valid[at] = bad;
            Assert.Equal("invalid_json", new FingerprintHarness { Dialect = dialect }.ErrorOf(valid)!.Code);
        }
    }

    [Theory]
    [InlineData(Dialect.OpenAICompletions, """{"prompt":"x"}""", "model", "missing_required_parameter")]
    [InlineData(Dialect.OpenAICompletions, """{"model":"m"}""", "prompt", "missing_required_parameter")]
    [InlineData(Dialect.OpenAICompletions, """{"model":"m","prompt":null}""", "prompt", "missing_required_parameter")]
    [InlineData(Dialect.OpenAICompletions, """{"model":"m","prompt":[]}""", "prompt", "empty_array")]
    [InlineData(Dialect.OpenAICompletions, """{"model":"m","prompt":7}""", "prompt", "invalid_type")]
    [InlineData(Dialect.OpenAICompletions, """{"model":"m","prompt":["a",7]}""", "prompt[1]", "invalid_type")]
    [InlineData(Dialect.OpenAICompletions, """{"model":"m","prompt":[{}]}""", "prompt[0]", "invalid_type")]
    [InlineData(Dialect.OpenAICompletions, """{"model":"m","prompt":"x","n":"2"}""", "n", "invalid_type")]
    [InlineData(Dialect.OpenAICompletions, """{"model":"m","prompt":"x","n":99999999999}""", "n", "invalid_type")]
    [InlineData(Dialect.OpenAIResponses, """{"model":"m"}""", "input", "missing_required_parameter")]
    [InlineData(Dialect.OpenAIResponses, """{"input":"x"}""", "model", "missing_required_parameter")]
    [InlineData(Dialect.OpenAIResponses, """{"model":"m","input":[]}""", "input", "empty_array")]
    [InlineData(Dialect.OpenAIResponses, """{"model":"m","input":7}""", "input", "invalid_type")]
    [InlineData(Dialect.OpenAIResponses, """{"model":"m","input":["a"]}""", "input[0]", "invalid_type")]
    [InlineData(Dialect.OpenAIResponses, """{"model":["m"],"input":"x"}""", "model", "invalid_type")]
    [InlineData(Dialect.OpenAIResponses, """{"model":"m","input":"x","stream":1}""", "stream", "invalid_type")]
    [InlineData(Dialect.AnthropicMessages, """{"model":"m","max_tokens":1}""", "messages", "missing_required_parameter")]
    [InlineData(Dialect.AnthropicMessages, """{"model":"m","messages":{}}""", "messages", "invalid_type")]
    [InlineData(Dialect.AnthropicMessages, """{"model":"m","messages":[7]}""", "messages[0]", "invalid_type")]
    [InlineData(Dialect.AnthropicMessages, """{"model":null,"messages":[{"role":"user","content":"x"}]}""", "model", "invalid_type")]
    [InlineData(Dialect.AnthropicMessages, """{"model":"m","temperature":[1],"messages":[{"role":"user","content":"x"}]}""", "temperature", "invalid_type")]
    public void Field_ThatNobodyCouldAnswer_IsNamed(Dialect dialect, string body, string param, string code)
    {
        RequestError? error = Error(dialect, body);

        Assert.Equal((param, code), (error!.Param, error.Code));
        Assert.Contains(param.Split('[')[0], error.Message);
    }

    /// <summary>Wrong types where the upstream has to judge: nothing of them fails, and nothing of them is the request without.</summary>
    [Theory]
    [MemberData(nameof(Dialects))]
    public void Field_OfAnyWrongType_NeverFailsAndNeverCounts(Dialect dialect)
    {
        var list = RequestFieldList.Of(dialect);
        var sut = new FingerprintHarness { Dialect = dialect };
        Fingerprint256 without = sut.Of(list.Base.ToJsonString());
        string[] values = ["\"wrong\"", "-7", "12345.5", "1e400", "true", "[]", "[[[]]]", "[null]", "{\"a\":{\"type\":[]}}", "[{\"type\":{}}]", "[{\"role\":[],\"content\":{\"text\":1}}]"];
        foreach (RequestFieldList.Field field in list.Fields)
        {
            foreach (string value in values)
            {
                bool isRead = sut.TryRead(With(dialect, field.Name, value), out FingerprintedRequest? read, out RequestError? error);
                Assert.True(isRead || error!.Status == 400, $"{field.Name}: {value}");
                bool isAbsent = field.Absent.Any(absent => absent?.ToJsonString() == value);
                Assert.True(!isRead || read!.HasDuplicateNames || (read.Fingerprint == without) == (!field.IsIn || isAbsent), $"{field.Name}: {value}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public void RandomDamage_NeverFailsAndNeverHits(Dialect dialect)
    {
        var list = RequestFieldList.Of(dialect);
        var sut = new FingerprintHarness { Dialect = dialect };
        var random = new Random(3);
        for (int i = 0; i < 2000; i++)
        {
            byte[] body = Encoding.UTF8.GetBytes(RandomRequest.Of(list, random).ToJsonString());
            for (int n = random.Next(1, 4); n > 0; n--)
            {
                body[random.Next(body.Length)] = (byte)random.Next(random.Next(2) == 0 ? 128 : 256);
            }

            Assert.True(sut.ErrorOf(body) is null or { Status: 400 });
        }
    }

    [Fact]
    public void Reader_AfterARefusal_StartsAnew()
    {
        var sut = new FingerprintHarness();
        string good = RequestFieldList.Of(Dialect.OpenAIChat).Base.ToJsonString();
        Fingerprint256 before = sut.Of(good);

        Error(Dialect.OpenAIChat, """{"model":"m","store":true,"temperature":0,"messages":[{"role":"user","content":[{"type":"text","x":{"y":[""");

        Assert.Equal(before, sut.Of(good));
    }

    private static RequestError? Error(Dialect dialect, string body) => new FingerprintHarness { Dialect = dialect }.ErrorOf(Encoding.UTF8.GetBytes(body));

    /// <summary>The least request with one member more; in place of its own where it has one.</summary>
    private static string With(Dialect dialect, string name, string value)
    {
        var request = (System.Text.Json.Nodes.JsonObject)RequestFieldList.Of(dialect).Base.DeepClone();
        request.Remove(name);
        return request.Count == 0 ? $$"""{"{{name}}":{{value}}}""" : $$"""{{request.ToJsonString()[..^1]}},"{{name}}":{{value}}}""";
    }

    private static string Nested(int levels) => string.Concat(Enumerable.Repeat("{\"a\":", levels)) + "1" + new string('}', levels);
}
