using System.Buffers;
using System.Text;
using CacheProxy.Protocol.Sse;
using static CacheProxy.Protocol.Tests.Sse.SseText;

namespace CacheProxy.Protocol.Tests.Sse;

public sealed class SseParserTests
{
    [Theory]
    [InlineData("data: a\n\n", "|a")]
    [InlineData("data:a\r\n\r\n", "|a")]
    [InlineData("data: a\r\r", "|a")]
    [InlineData("data:  two\n\n", "| two")]
    [InlineData("data: a\ndata:\ndata: b\n\n", "|a\n\nb")]
    [InlineData("data\n\n", "|")]
    [InlineData("event: ping\ndata: {}\n\n", "ping|{}")]
    [InlineData("event: first\nevent: second\ndata: x\n\ndata: y\n\n", "second|x", "|y")]
    [InlineData(": comment\n\n:\n\ndata: a\n: between\ndata: b\n\n", "|a\nb")]
    [InlineData("\uFEFFdata: a\n\n", "|a")]
    [InlineData("data: a\n\n\uFEFFdata: not the start\n\n", "|a")]
    [InlineData("event: forgotten\n\ndata: a\n\n", "|a")]
    [InlineData("unknown: x\ndatafield: y\ndata : z\n\ndata: é🌍\n\n", "|é🌍")]
    [InlineData("\n\n\ndata: a\n\n\n\n", "|a")]
    [InlineData("data: cut short")]
    [InlineData("data: cut short\n")]
    public void TryRead_Stream_YieldsItsEvents(string stream, params string[] expected)
        => Assert.Equal(expected, Read(stream));

    [Theory]
    [InlineData("event: a\r\ndata: 1\r\ndata: 2\r\n\r\n: c\r\rdata: é\r\n\ndata: [DONE]\n\n")]
    [InlineData("\uFEFFid: 7\ndata: x\n\n\r\ndata: y\r\r\ndata: z\n\r\n")]
    public void TryRead_CutAtAnyTwoBytes_YieldsTheSameEvents(string stream)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(stream);
        string[] whole = Read(stream);
        Assert.NotEmpty(whole);
        for (int first = 0; first <= bytes.Length; first++)
        {
            for (int second = first; second <= bytes.Length; second++)
            {
                Assert.Equal(whole, Read(bytes[..first], bytes[first..second], bytes[second..]));
            }
        }
    }

    [Fact]
    public void TryRead_EventEndsInCr_IsGivenBeforeTheNextByte()
    {
        var parser = new SseParser();
        ReadOnlySpan<byte> input = "data: a\r\n\r"u8;
        Assert.True(parser.TryRead(ref input, out SseEvent item));
        Assert.Equal("a", item.DataText);
        input = "\ndata: b\n\n"u8;
        Assert.True(parser.TryRead(ref input, out item));
        Assert.Equal("b", item.DataText);
        Assert.False(parser.TryRead(ref input, out _));
    }

    [Fact]
    public void TryRead_IdAndRetry_AreRemembered()
    {
        var parser = new SseParser();
        ReadOnlySpan<byte> input = "id: 1\nretry: 250\ndata: a\n\ndata: b\n\nid: x\0y\nretry: 1s\ndata: c\n\nid\ndata: d\n\n"u8;
        var ids = new List<string>();
        while (parser.TryRead(ref input, out SseEvent item))
        {
            ids.Add(Encoding.UTF8.GetString(item.LastEventId));
        }

        Assert.Equal(["1", "1", "1", ""], ids);
        Assert.Equal(250, parser.RetryMilliseconds);
    }

    [Fact]
    public void TryRead_SegmentedSequence_YieldsTheSameEvents()
    {
        byte[] bytes = Fixture.Bytes("chat-streaming.sse");
        ReadOnlySequence<byte> sequence = Segment.Chain(bytes.Chunk(7));
        var parser = new SseParser();
        var events = new List<string>();
        while (parser.TryRead(ref sequence, out SseEvent item))
        {
            events.Add("|" + item.DataText);
        }

        Assert.Equal(Read(bytes), events);
        Assert.Equal("|[DONE]", events[^1]);
    }

    [Theory]
    [InlineData("data: a\n\n", false)]
    [InlineData("data: a\n", true)]
    [InlineData("data: a", true)]
    [InlineData("", false)]
    public void HasPartialEvent_AtTheEnd_TellsACutStream(string stream, bool expected)
    {
        var parser = new SseParser();
        ReadOnlySpan<byte> input = Encoding.UTF8.GetBytes(stream);
        while (parser.TryRead(ref input, out _))
        {
        }

        Assert.Equal(expected, parser.HasPartialEvent);
    }

    [Theory]
    [InlineData("data: 0123456789\n\n")]
    [InlineData("data: 012\ndata: 345\ndata: 678\n\n")]
    [InlineData("no line end at all")]
    public void TryRead_EventOverTheCap_StopsForGood(string stream)
    {
        var parser = new SseParser(maxEventBytes: 12);
        ReadOnlySpan<byte> input = Encoding.UTF8.GetBytes(stream + "data: b\n\n");
        Assert.False(parser.TryRead(ref input, out _));
        Assert.True(input.IsEmpty);
        Assert.True(parser.IsOversized);
        input = "data: c\n\n"u8;
        Assert.False(parser.TryRead(ref input, out _));
    }

    [Fact]
    public void TryRead_SteadyStream_AllocatesNothing()
    {
        var parser = new SseParser();
        byte[] bytes = Fixture.Bytes("chat-streaming.sse");
        Count(parser, bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        int events = Count(parser, bytes);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(events > 10);
    }

    private static int Count(SseParser parser, byte[] bytes)
    {
        ReadOnlySpan<byte> input = bytes;
        int events = 0;
        while (parser.TryRead(ref input, out SseEvent item))
        {
            events += item.Data.IsEmpty ? 0 : 1;
        }

        return events;
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public static ReadOnlySequence<byte> Chain(IEnumerable<byte[]> pieces)
        {
            Segment first = new() { Memory = ReadOnlyMemory<byte>.Empty };
            Segment last = first;
            foreach (byte[] piece in pieces)
            {
                var next = new Segment { Memory = piece, RunningIndex = last.RunningIndex + last.Memory.Length };
                last.Next = next;
                last = next;
            }

            return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
        }
    }
}
