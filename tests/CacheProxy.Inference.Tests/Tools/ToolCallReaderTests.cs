using CacheProxy.Inference.Tools;

namespace CacheProxy.Inference.Tests.Tools;

public sealed class ToolCallReaderTests
{
    private static readonly string[] Names = ["weather", "add"];

    public static TheoryData<string, string, string> Answers() => new()
    {
        { "hermes", "Just text, 1 < 2 and <tool> is no call. ", "T:Just text, 1 < 2 and <tool> is no call. " },
        { "hermes", "Let me see.\n<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Köln \\\"}\\\"\"}}\n</tool_call>", "T:Let me see.|C:weather|A:{\"city\": \"Köln \\\"}\\\"\"}" },
        { "hermes", "<tool_call>{\"name\":\"add\",\"arguments\":{\"a\":[1,{\"b\":2}]}}</tool_call>\n<tool_call>\n{\"name\":\"add\",\"arguments\":{}}\n</tool_call>", "C:add|A:{\"a\":[1,{\"b\":2}]}|C:add|A:{}" },
        { "hermes", "<tool_call>\n{\"arguments\": {\"a\": 1}, \"name\": \"add\"}\n</tool_call> done", "C:add|A:{\"a\": 1}|T: done" },
        { "hermes", "<tool_call>\n{\"name\": \"add\", \"arguments\": \"{\\\"a\\\":1}\"}\n</tool_call>", "C:add|A:{\"a\":1}" },
        { "hermes", "<tool_call>\n{\"name\": \"unknown\", \"arguments\": {}}\n</tool_call>", "T:<tool_call>\n{\"name\": \"unknown\", \"arguments\": {}}\n</tool_call>" },
        { "hermes", "<tool_call>\nnot json", "T:<tool_call>\nnot json" },
        { "hermes", "<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1", "C:add|A:{\"a\": 1" },
        { "hermes", "<tool_call>\n{\"name\": \"a", "T:<tool_call>\n{\"name\": \"a" },
        { "llama3_json", "{\"name\": \"weather\", \"parameters\": {\"city\": \"Bonn\"}}", "C:weather|A:{\"city\": \"Bonn\"}" },
        { "llama3_json", " <|python_tag|>{\"name\": \"add\", \"parameters\": {\"a\": 1}}; {\"name\": \"add\", \"parameters\": {}}", "C:add|A:{\"a\": 1}|C:add|A:{}" },
        { "llama3_json", "{\"name\": \"add\"}", "C:add|A:{}" },
        { "llama3_json", "{\"city\": \"Bonn\"} is JSON", "T:{\"city\": \"Bonn\"} is JSON" },
        { "llama3_json", "The call {\"name\": \"add\", \"parameters\": {}} is text here", "T:The call {\"name\": \"add\", \"parameters\": {}} is text here" },
        { "mistral", "[TOOL_CALLS][{\"name\": \"add\", \"arguments\": {\"a\": 1}}, {\"name\": \"weather\", \"arguments\": {}}]", "C:add|A:{\"a\": 1}|C:weather|A:{}" },
        { "mistral", "[TOOL_CALLS] [{\"name\": \"add\", \"arguments\": {}}]", "C:add|A:{}" },
        { "mistral", " [{\"name\": \"add\", \"arguments\": {}}]", "C:add|A:{}" },
        { "mistral", "[1] is a footnote", "T:[1] is a footnote" },
        { "mistral", "[TOO", "T:[TOO" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void Append_InPiecesOfAnySize_FindsTheSame(string format, string answer, string expected)
    {
        for (int size = 1; size <= answer.Length; size++)
        {
            Assert.Equal(expected, Read(new ToolCallReader(FormatOf(format), Names), answer.Chunk(size).Select(piece => new string(piece))));
        }
    }

    [Fact]
    public void Append_ArgumentsUnderWay_ComeOutBeforeTheCallEnds()
    {
        var reader = new ToolCallReader(ToolCallFormat.Hermes, Names);

        Assert.Empty(reader.Append("<tool_call>\n{\"name\": \"add\", \"argum"));
        Assert.Equal([new(ToolCallEventKind.Call, "add"), new(ToolCallEventKind.Arguments, "{\"a\"")], reader.Append("ents\": {\"a\""));
        Assert.Equal([new(ToolCallEventKind.Arguments, ": 1")], reader.Append(": 1"));
        Assert.Equal([new(ToolCallEventKind.Arguments, "}")], reader.Append("}}\n</tool_call>"));
    }

    [Fact]
    public void Append_MoreCallsThanAllowed_DropsThem()
    {
        var reader = new ToolCallReader(ToolCallFormat.Llama, Names, maxCalls: 1);

        Assert.Equal("C:add|A:{}", Read(reader, ["{\"name\": \"add\", \"parameters\": {}}; {\"name\": \"weather\", \"parameters\": {\"city\": \"x\"}}"]));
        Assert.Equal(1, reader.Calls);
    }

    [Theory]
    [InlineData("{{ '<tool_call>' }}", "hermes")]
    [InlineData("[TOOL_CALLS]", "mistral")]
    [InlineData("<|python_tag|>", "llama3_json")]
    [InlineData("[TOOL_CALLS]name[ARGS]{}", null)]
    [InlineData("no tools here", null)]
    public void Find_Template_TellsTheFamily(string template, string? name) => Assert.Equal(name, ToolCallFormat.Find(template)?.Name);

    private static ToolCallFormat FormatOf(string name) => new[] { ToolCallFormat.Hermes, ToolCallFormat.Llama, ToolCallFormat.Mistral }.Single(format => format.Name == name);

    private static string Read(ToolCallReader reader, IEnumerable<string> pieces)
    {
        var merged = new List<ToolCallEvent>();
        foreach (ToolCallEvent item in pieces.SelectMany(piece => reader.Append(piece).ToArray()).ToArray().Concat(reader.Complete()))
        {
            if (merged.Count > 0 && merged[^1].Kind == item.Kind && item.Kind != ToolCallEventKind.Call)
            {
                merged[^1] = merged[^1] with { Text = merged[^1].Text + item.Text };
            }
            else
            {
                merged.Add(item);
            }
        }

        return string.Join('|', merged.Select(item => $"{(item.Kind == ToolCallEventKind.Content ? 'T' : item.Kind.ToString()[0])}:{item.Text}"));
    }
}
