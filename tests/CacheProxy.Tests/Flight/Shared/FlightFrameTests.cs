using System.Buffers;
using CacheProxy.Exchange;
using CacheProxy.Flight.Shared;
using CacheProxy.Tests.Stores;
using Microsoft.AspNetCore.Http;

namespace CacheProxy.Tests.Flight.Shared;

public class FlightFrameTests
{
    private static readonly Guid s_token = Guid.Parse("11112222-3333-4444-5555-666677778888");
    private static readonly Fingerprint256 s_sender = SampleEntries.Fingerprint(7);

    [Fact]
    public void Frames_InAnyPieces_ReadAsWritten()
    {
        byte[] log = Log();
        for (int piece = 1; piece < 40; piece++)
        {
            var types = new List<FlightFrameType>();
            byte[] rest = [];
            foreach (byte[] chunk in log.Chunk(piece))
            {
                ReadOnlyMemory<byte> all = (byte[])[.. rest, .. chunk];
                while (FlightFrame.TryRead(ref all, out FlightFrameType type, out ReadOnlyMemory<byte> payload))
                {
                    types.Add(type);
                    Check(type, payload.Span);
                }

                rest = all.ToArray();
            }

            Assert.Empty(rest);
            Assert.Equal([FlightFrameType.Head, FlightFrameType.Body, FlightFrameType.Body, FlightFrameType.End], types);
        }
    }

    [Fact]
    public void Head_OfAnotherFlight_IsRefused()
    {
        ReadOnlyMemory<byte> log = Log();
        Assert.True(FlightFrame.TryRead(ref log, out _, out ReadOnlyMemory<byte> payload));

        Assert.Throws<InvalidDataException>(() => FlightFrame.ReadHead(payload.Span, Guid.NewGuid()));
    }

    [Fact]
    public void Bytes_ThatAreNoFrames_NeverReadAsAWholeAnswer()
    {
        var random = new Random(1);
        byte[] good = Log();
        for (int i = 0; i < 5000; i++)
        {
            byte[] bad = [.. good];
            for (int flips = random.Next(1, 4); flips > 0; flips--)
            {
                bad[random.Next(FlightFrame.PrefixBytes + 56)] ^= (byte)(1 << random.Next(8));
            }

            ReadOnlyMemory<byte> log = bad;
            try
            {
                // Each prefix and the head are checked: what is damaged there throws, or waits for bytes that do not come.
                while (FlightFrame.TryRead(ref log, out FlightFrameType type, out ReadOnlyMemory<byte> payload))
                {
                    if (type == FlightFrameType.Head)
                    {
                        FlightFrame.ReadHead(payload.Span, s_token);
                    }
                    else if (type == FlightFrameType.End)
                    {
                        FlightFrame.ReadEnd(payload.Span);
                    }
                }
            }
            catch (InvalidDataException)
            {
                // What the follower expects of a damaged log.
            }
        }
    }

    private static byte[] Log()
    {
        var log = new ArrayBufferWriter<byte>();
        FlightFrame.WriteHead(log, s_token, s_sender, 200, includesUsage: true, new HeaderDictionary { ["Content-Type"] = "text/event-stream", ["X-Many"] = new[] { "a", "ü" } });
        FlightFrame.WriteBody(log, "one"u8);
        FlightFrame.WriteBody(log, new byte[300]);
        FlightFrame.WriteEnd(log, isWhole: true, 303);
        return log.WrittenSpan.ToArray();
    }

    private static void Check(FlightFrameType type, ReadOnlySpan<byte> payload)
    {
        if (type == FlightFrameType.Head)
        {
            (Fingerprint256 sender, int status, bool includesUsage, IHeaderDictionary headers) = FlightFrame.ReadHead(payload, s_token);
            Assert.Equal(s_sender, sender);
            Assert.Equal(200, status);
            Assert.True(includesUsage);
            Assert.Equal("a,ü", headers["X-Many"].ToString());
            Assert.Equal("text/event-stream", headers.ContentType);
        }
        else if (type == FlightFrameType.End)
        {
            Assert.Equal((true, 303L), FlightFrame.ReadEnd(payload));
        }
    }
}
