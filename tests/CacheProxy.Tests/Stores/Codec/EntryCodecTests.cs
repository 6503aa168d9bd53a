using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Readers;
using CacheProxy.Stores.Codec;

namespace CacheProxy.Tests.Stores.Codec;

public sealed class EntryCodecTests
{
    private const int FrameBytes = 29;

    [Fact]
    public void RandomEntries_RoundTrip_AreTheSame()
    {
        var random = new Random(1);
        for (int i = 0; i < 2000; i++)
        {
            CacheEntry entry = SampleEntries.Random(random);
            EntryAssert.Same(entry, EntryCodec.Decode(EntryCodec.Encode(entry), entry.Fingerprint));
        }
    }

    [Fact]
    public void Decode_BitsFlipped_IsNull()
    {
        var random = new Random(2);
        for (int i = 0; i < 500; i++)
        {
            byte[] bytes = EntryCodec.Encode(SampleEntries.Random(random));
            for (int j = 0; j < 20; j++)
            {
                byte[] damaged = [.. bytes];
                damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
                Assert.Null(EntryCodec.Decode(damaged));
            }
        }
    }

    [Fact]
    public void Decode_CutAtEveryLength_IsNull()
    {
        byte[] bytes = EntryCodec.Encode(SampleEntries.Plain(1));
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Null(EntryCodec.Decode(bytes.AsSpan(0, length)));
        }

        Assert.Null(EntryCodec.Decode([.. bytes, 0]));
        Assert.NotNull(EntryCodec.Decode(bytes));
    }

    [Fact]
    public void Decode_OtherByteAtEveryPosition_IsNull()
    {
        byte[] bytes = EntryCodec.Encode(SampleEntries.Random(new Random(6)));
        for (int position = 0; position < bytes.Length; position++)
        {
            byte[] damaged = [.. bytes];
            damaged[position]++;
            Assert.Null(EntryCodec.Decode(damaged));
        }
    }

    // Past frame and checksum: what a fault inside the process could hand to the parser.
    [Fact]
    public void Decode_PayloadCutAtEveryLengthUnderValidChecksum_IsNull()
    {
        CacheEntry entry = SampleEntries.Plain(1, bodyBytes: 0) with { Model = "m", Scope = "s" };
        byte[] bytes = EntryCodec.Encode(entry);
        Assert.Equal(0, bytes[4]);
        for (int length = FrameBytes; length < bytes.Length; length++)
        {
            byte[] cut = bytes[..length];
            BinaryPrimitives.WriteInt32LittleEndian(cut.AsSpan(5), length - FrameBytes);
            BinaryPrimitives.WriteInt32LittleEndian(cut.AsSpan(9), length - FrameBytes);
            Assert.Null(EntryCodec.Decode(Resealed(cut)));
        }
    }

    [Fact]
    public void Decode_RandomBytes_IsNull()
    {
        var random = new Random(3);
        for (int i = 0; i < 5000; i++)
        {
            byte[] bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            if (bytes.Length > 4)
            {
                // Past the first check, so that the later ones are reached.
                "CPE\u0005\u0000"u8.CopyTo(bytes);
            }

            Assert.Null(EntryCodec.Decode(bytes));
        }
    }

    [Fact]
    public void Decode_DamagedPayloadUnderValidChecksum_NeverThrows()
    {
        var random = new Random(4);
        int refused = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = EntryCodec.Encode(SampleEntries.Random(random));
            for (int j = random.Next(1, 4); j > 0; j--)
            {
                bytes[random.Next(FrameBytes, bytes.Length)] = (byte)random.Next(256);
            }

            refused += EntryCodec.Decode(Resealed(bytes)) is null ? 1 : 0;
        }

        Assert.InRange(refused, 1000, 19_999);
    }

    [Theory]
    [InlineData(3, 1)]
    [InlineData(3, 2)]
    [InlineData(3, 3)]
    [InlineData(3, 4)]
    [InlineData(3, 6)]
    [InlineData(3, 0)]
    [InlineData(4, 2)]
    [InlineData(4, 0x80)]
    [InlineData(0, (byte)'X')]
    public void Decode_UnknownVersionOrFlag_IsNull(int offset, byte value)
    {
        byte[] bytes = EntryCodec.Encode(SampleEntries.Plain(1));
        bytes[offset] = value;

        Assert.Null(EntryCodec.Decode(Resealed(bytes)));
    }

    [Fact]
    public void Decode_ForgedLength_IsNull()
    {
        byte[] bytes = EntryCodec.Encode(SampleEntries.Plain(1));
        foreach (uint length in new[] { 0u, 1u, 100_000u, uint.MaxValue })
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(9), length);
            Assert.Null(EntryCodec.Decode(Resealed(bytes)));
        }
    }

    [Fact]
    public void Decode_OtherFingerprint_IsNull()
    {
        byte[] bytes = EntryCodec.Encode(SampleEntries.Plain(1));

        Assert.Null(EntryCodec.Decode(bytes, SampleEntries.Fingerprint(2)));
    }

    [Fact]
    public void Encode_RepetitiveBody_IsCompressed()
    {
        byte[] bytes = EntryCodec.Encode(SampleEntries.Plain(1, bodyBytes: 10_000));

        Assert.Equal(1, bytes[4]);
        Assert.InRange(bytes.Length, FrameBytes, 1000);
    }

    // Compressing them takes longer than all else that is done to store one.
    [Fact]
    public void Encode_SmallBody_IsNotCompressed()
        => Assert.Equal(0, EntryCodec.Encode(SampleEntries.Plain(1, bodyBytes: 3000))[4]);

    [Fact]
    public void EventsOfTheBody_RoundTrip_AreNotWritten()
    {
        const string json = """{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Paris."},"finish_reason":"length"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}""";
        var body = new RecordedBody(Dialect.OpenAIChat, false, false, "application/json", Encoding.UTF8.GetBytes(json));
        CanonicalAnswer listed = AnswerReaders.TryRead(body)!;
        CacheEntry entry = SampleEntries.Plain(1) with { Answer = listed.WithoutList() };

        byte[] bytes = EntryCodec.Encode(entry);
        CacheEntry again = EntryCodec.Decode(bytes, entry.Fingerprint)!;

        Assert.Null(again.Answer.ListedEvents);
        Assert.Equal(AnswerTraits.Truncated, again.Answer.Traits);
        Assert.Equal(listed.Tokens, again.Answer.Tokens);
        Assert.Equal((3, 2), (again.Answer.Tokens.Prompt, again.Answer.Tokens.Completion));
        Assert.Equal(listed.Events, again.Answer.Events);
        Assert.True(bytes.Length < EntryCodec.Encode(entry with { Answer = listed }).Length - 50);
    }

    [Fact]
    public void Encode_BodyWithoutPattern_IsKeptAsItIs()
    {
        CacheEntry entry = SampleEntries.Plain(1);
        byte[] noise = new byte[10_000];
        new Random(5).NextBytes(noise);
        entry = entry with { Answer = entry.Answer with { Body = entry.Answer.Body with { Bytes = noise } } };

        byte[] bytes = EntryCodec.Encode(entry);

        Assert.Equal(0, bytes[4]);
        EntryAssert.Same(entry, EntryCodec.Decode(bytes));
    }

    // The layout is kept on disk and in Redis: when this fails, the version has to go up.
    [Fact]
    public void Encode_KnownEntry_KeepsItsBytes()
    {
        CacheEntry entry = SampleEntries.Plain(1, bodyBytes: 0) with { Model = "m", Scope = "s" };
        byte[] bytes = EntryCodec.Encode(entry);

        Assert.Equal(0, bytes[4]);
        Assert.Equal("6c3da2fc72c510b8", Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]);
    }

    private static byte[] Resealed(byte[] bytes)
    {
        UInt128 checksum = XxHash128.HashToUInt128(bytes.AsSpan(FrameBytes), (long)XxHash3.HashToUInt64(bytes.AsSpan(0, 13)));
        BinaryPrimitives.WriteUInt128LittleEndian(bytes.AsSpan(13), checksum);
        return bytes;
    }
}
