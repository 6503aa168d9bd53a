using System.Text;
using CacheProxy.Exchange.Replay;

namespace CacheProxy.Tests.Exchange.Replay;

public class UsageFilterTests
{
    private const string Head = "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",";
    private const string Usage = "\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3,\"total_tokens\":10}}\n\n";

    // A quote inside a text is escaped: what looks like a field there is not one.
    private const string Tricky = "a \\\"usage\\\":null, \\\"finish_reason\\\":\\\"stop\\\",\\\"usage\\\":null";

    public static TheoryData<string, string> Streams => new()
    {
        // OpenAI: null in every chunk, the chunk at the end.
        {
            Text("one", ",\"usage\":null") + Text(Tricky, ",\"usage\":null") + Finish(",\"usage\":null") + $"{Head}\"choices\":[],{Usage}data: [DONE]\n\n",
            Text("one") + Text(Tricky) + Finish() + "data: [DONE]\n\n"
        },
        // Servers in Python: a space after each comma and colon.
        {
            Text("one", ", \"usage\": null") + Finish(", \"usage\": null").Replace("\":", "\": ") + "data: {\"choices\": [], \"usage\": {\"prompt_tokens\": 7}}\n\ndata: [DONE]\n\n",
            Text("one") + Finish().Replace("\":", "\": ") + "data: [DONE]\n\n"
        },
        // Only the chunk at the end; comments, carriage returns, a second choice that goes on.
        {
            Text("one") + ": keep-alive\r\n\r\n" + Finish() + Text("two") + Finish() + $"{Head}\"choices\":[],{Usage}".Replace("\n", "\r\n") + "data: [DONE]\n\n",
            Text("one") + ": keep-alive\r\n\r\n" + Finish() + Text("two") + Finish() + "data: [DONE]\n\n"
        },
        // Usage beside a choice stays: the provider sends it whether asked or not.
        { Text("one") + Finish("," + Usage[..^3]) + "data: [DONE]\n\n", Text("one") + Finish("," + Usage[..^3]) + "data: [DONE]\n\n" },
        // A chunk without choices in front of the end is something else.
        { $"{Head}\"choices\":[],\"prompt_filter_results\":[]}}\n\n" + Finish() + "data: [DONE]\n\n", $"{Head}\"choices\":[],\"prompt_filter_results\":[]}}\n\n" + Finish() + "data: [DONE]\n\n" },
        // Cut inside an event, before and after the finish.
        { Text("one") + Head, Text("one") + Head },
        { Finish() + Head + "\"choices\":[],\"usa", Finish() + Head + "\"choices\":[],\"usa" },
        { Text("one") + Head + "\"choices\":[] ,\"usage\" : nul", Text("one") + Head + "\"choices\":[] ,\"usage\" : nul" },
        { "", "" },
    };

    [Theory]
    [MemberData(nameof(Streams))]
    public void Split_WholeStream_KeepsAllButUsage(string stream, string expected)
    {
        ReadOnlyMemory<byte>[] pieces = UsageFilter.Split(Encoding.UTF8.GetBytes(stream));

        Assert.Equal(expected, string.Concat(pieces.Select(piece => Encoding.UTF8.GetString(piece.Span))));
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void Pass_AnyPieces_GivesTheSame(string stream, string expected)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(stream);
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var filter = new UsageFilter();
            var passed = new List<byte>();
            for (int at = 0; at < bytes.Length;)
            {
                int length = Math.Min(bytes.Length - at, seed == 0 ? 1 : random.Next(1, 1 << random.Next(1, 10)));
                passed.AddRange(filter.Pass(bytes.AsSpan(at, length)).Span);
                at += length;
            }

            passed.AddRange(filter.End().Span);
            Assert.Equal(expected, Encoding.UTF8.GetString([.. passed]));
        }
    }

    [Fact]
    public void Pass_WholeEvent_NeverWaits()
    {
        var filter = new UsageFilter();

        foreach (string item in new[] { Text("one"), Text("ends with a comma,"), Text("x,\\\"usage\\\""), Finish(), "data: [DONE]\n\n" })
        {
            Assert.Equal(item, Encoding.UTF8.GetString(filter.Pass(Encoding.UTF8.GetBytes(item)).Span));
        }
    }

    [Fact]
    public void Pass_ByteByByteBeforeTheFinish_HoldsOnlyWhatMayBeUsage()
    {
        var filter = new UsageFilter();
        int given = 0, passed = 0;

        foreach (byte value in Encoding.UTF8.GetBytes(Text("a, b, \\\"usage\\\" c")))
        {
            given++;
            passed += filter.Pass([value]).Length;
            Assert.InRange(given - passed, 0, ",\"usage\":nul".Length);
        }

        Assert.Equal(given, passed);
    }

    private static string Text(string text, string more = "") => $"{Head}\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}},\"finish_reason\":null}}]{more}}}\n\n";

    private static string Finish(string more = "") => $"{Head}\"choices\":[{{\"index\":0,\"delta\":{{}},\"finish_reason\":\"stop\"}}]{more}}}\n\n";
}
