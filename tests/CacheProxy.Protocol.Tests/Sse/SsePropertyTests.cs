using System.Buffers;
using System.Text;
using CacheProxy.Protocol.Sse;
using FsCheck;
using FsCheck.Fluent;
using static CacheProxy.Protocol.Tests.Sse.SseText;

namespace CacheProxy.Protocol.Tests.Sse;

public sealed class SsePropertyTests
{
    // One seed for every run: a failure is found again, and the suite never flickers.
    private static readonly Config Fixed = Config.QuickThrowOnFailure.WithMaxTest(500).WithReplay(20261121, 1);

    private static readonly string[] Pieces = ["data", ":", " ", "event", "id", "\n", "\n", "\r", "\r\n", "\n\n", "x", "é", "🌍", "[DONE]", "data: a\n\n", "\uFEFF", "retry: 5"];

    [Fact]
    public void Parser_AnyTextCutAnywhere_YieldsTheEventsOfTheWholeText()
    {
        Arbitrary<(string Text, int[] Cuts)> inputs = Arb.From(
            from pieces in Gen.Elements(Pieces).ListOf()
            from cuts in Gen.Choose(1, 9).NonEmptyListOf()
            select (string.Concat(pieces), cuts.ToArray()));
        Prop.ForAll(inputs, input => Read(Cut(input.Text, input.Cuts)).SequenceEqual(ReadPlainly(input.Text))).Check(Fixed);
    }

    [Fact]
    public void Writer_AnyData_ReadsBackWithLineEndsAsLf()
    {
        Arbitrary<string> texts = Arb.From(Gen.Elements(Pieces).ListOf().Select(string.Concat));
        Prop.ForAll(texts, text =>
        {
            var output = new ArrayBufferWriter<byte>();
            SseWriter.WriteComment(output, "leading"u8);
            SseWriter.WriteEvent(output, "kind"u8, Encoding.UTF8.GetBytes(text));
            SseWriter.WriteData(output, "after"u8);
            string lines = text.Replace("\r\n", "\n").Replace('\r', '\n');
            return Read(output.WrittenSpan.ToArray()).SequenceEqual([$"kind|{lines}", "|after"]);
        }).Check(Fixed);
    }

    [Fact]
    public void Writer_TypeOfTwoLines_IsRefused()
        => Assert.Throws<ArgumentException>(() => SseWriter.WriteEvent(new ArrayBufferWriter<byte>(), "a\nb"u8, "x"u8));

    private static byte[][] Cut(string text, int[] lengths)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        var pieces = new List<byte[]>();
        for (int start = 0, i = 0; start < bytes.Length; i++)
        {
            int length = Math.Min(lengths[i % lengths.Length], bytes.Length - start);
            pieces.Add(bytes[start..(start + length)]);
            start += length;
        }

        return [.. pieces];
    }

    /// <summary>The specification, word by word, over the whole text.</summary>
    private static List<string> ReadPlainly(string text)
    {
        var events = new List<string>();
        string type = "";
        string? data = null;
        string[] lines = (text.StartsWith('\uFEFF') ? text[1..] : text).Replace("\r\n", "\n").Replace('\r', '\n').Split('\n');
        foreach (string line in lines[..^1])
        {
            if (line.Length == 0)
            {
                if (data is not null)
                {
                    events.Add($"{type}|{data}");
                }

                (type, data) = ("", null);
                continue;
            }

            string[] field = line.Split(':', 2);
            string value = field.Length == 2 ? field[1] : "";
            value = value.StartsWith(' ') ? value[1..] : value;
            type = field[0] == "event" ? value : type;
            data = field[0] == "data" ? (data is null ? value : $"{data}\n{value}") : data;
        }

        return events;
    }
}
