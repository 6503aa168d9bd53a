using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Graph;

namespace CacheProxy.Inference.Tests.Execution;

/// <summary>Every kind of attention against double precision, and the same to the bit however its tokens are cut.</summary>
public sealed class PagedAttentionTests
{
    private const int Tokens = 200;

    public static TheoryData<string> Names => [.. Cases.Keys];

    private static readonly Dictionary<string, Func<KvDataType, AttentionCase>> Cases = new()
    {
        ["plain 64"] = type => new(Shape(6, 2, 64), Rotary(32), Tokens, 1, type: type),
        ["multi-head 16"] = type => new(Shape(3, 3, 16), Rotary(8), Tokens, 2, type: type),
        ["multi-query 32"] = type => new(Shape(4, 1, 32), Rotary(16), Tokens, 3, type: type),
        ["80"] = type => new(Shape(4, 2, 80), Rotary(40), Tokens, 4, type: type),
        ["96"] = type => new(Shape(4, 2, 96), Rotary(48), Tokens, 5, type: type),
        ["128"] = type => new(Shape(8, 2, 128), Rotary(64), Tokens, 6, type: type),
        ["256"] = type => new(Shape(4, 1, 256), Rotary(128), Tokens, 7, type: type),
        ["many queries per key head"] = type => new(Shape(64, 1, 16), Rotary(8), Tokens, 8, type: type),
        ["halves"] = type => new(Shape(4, 2, 32) with { Layout = RotaryLayout.Halves }, Rotary(16), Tokens, 9, type: type),
        ["pairs, part rotated"] = type => new(Shape(4, 2, 16), Rotary(6), Tokens, 10, type: type),
        ["halves, part rotated"] = type => new(Shape(4, 2, 16) with { Layout = RotaryLayout.Halves }, Rotary(6), Tokens, 11, type: type),
        ["magnitude"] = type => new(Shape(4, 2, 64) with { Layout = RotaryLayout.Halves }, Rotary(32) with { Magnitude = 1.3f }, Tokens, 12, type: type),
        ["longrope, short"] = type => new(Shape(4, 2, 32), LongRope(Tokens), Tokens, 13, type: type),
        ["longrope, long"] = type => new(Shape(4, 2, 32), LongRope(Tokens - 1), Tokens, 14, type: type),
        ["longrope, long later"] = type => new(Shape(4, 2, 32), LongRope(Tokens), Tokens, 14, type: type, total: Tokens + 1),
        ["no rotation"] = type => new(Shape(4, 2, 32) with { Rotation = -1 }, null, Tokens, 15, type: type),
        ["scale"] = type => new(Shape(4, 2, 32) with { Scale = 0.35f }, Rotary(16), Tokens, 16, type: type),
        ["soft cap"] = type => new(Shape(4, 2, 32) with { SoftCap = 5, Scale = 0.5f }, Rotary(16), Tokens, 17, type: type),
        ["head norm"] = type => new(Shape(4, 2, 32) with { HeadNorm = HeadNorm.PerHead }, Rotary(16), Tokens, 18, type: type),
        ["whole norm, bias"] = type => new(Shape(4, 2, 16) with { HeadNorm = HeadNorm.Whole }, Rotary(8), Tokens, 19, bias: true, type: type),
        ["bias"] = type => new(Shape(4, 2, 80), Rotary(40), Tokens, 20, bias: true, type: type),
        ["window 1"] = type => new(Shape(4, 2, 16) with { Window = 1 }, Rotary(8), Tokens, 21, type: type),
        ["window 17"] = type => new(Shape(4, 2, 16) with { Window = 17 }, Rotary(8), Tokens, 22, type: type),
        ["window 130, soft cap"] = type => new(Shape(6, 2, 64) with { Window = 130, SoftCap = 8 }, Rotary(32), Tokens + 100, 23, type: type),
        ["sinks 16 + 40"] = type => new(Shape(6, 2, 64), Rotary(32), Tokens + 100, 24, eviction: new(16, 40), type: type),
        ["sinks 48 + 100"] = type => new(Shape(4, 1, 32) with { Layout = RotaryLayout.Halves }, Rotary(16), Tokens + 100, 25, eviction: new(48, 100), type: type),
        ["sinks 144 + 10"] = type => new(Shape(4, 2, 16), Rotary(8), Tokens + 100, 26, eviction: new(144, 10), type: type),
        ["no sinks, window 33"] = type => new(Shape(4, 2, 16), Rotary(8), Tokens, 27, eviction: new(0, 33), type: type),
        ["window under eviction"] = type => new(Shape(4, 2, 16) with { Window = 50 }, Rotary(8), Tokens, 28, eviction: new(16, 40), type: type),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Attend_Float32_AgreesWithDoublePrecision(string name) => AssertAgrees(Cases[name](KvDataType.Float32), 2e-5);

    /// <summary>A number between two steps of the scale may be rounded the other way than in double precision: one step of 1/127.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Attend_Int8_AgreesWithDoublePrecisionOfRoundedKv(string name) => AssertAgrees(Cases[name](KvDataType.Int8), 0.02);

    [Theory]
    [MemberData(nameof(Names))]
    public void Attend_AnyChunkingAndPlace_IsTheSameToTheBit(string name)
    {
        foreach (KvDataType type in Enum.GetValues<KvDataType>())
        {
            AttentionCase attention = Cases[name](type);
            using var harness = new AttentionHarness(attention);
            float[] whole = harness.RunAll(ModelDriver.Blocks(0, attention.Tokens), attention.Tokens);
            int[] elsewhere = ModelDriver.Blocks(24, attention.Tokens);
            new Random(5).Shuffle(elsewhere);
            foreach (int chunk in (int[])[1, 7, 16, 130])
            {
                Assert.Equal(whole, harness.RunAll(elsewhere, chunk));
            }
        }
    }

    [Theory]
    [InlineData("window 17")]
    [InlineData("window 130, soft cap")]
    [InlineData("sinks 16 + 40")]
    [InlineData("sinks 48 + 100")]
    [InlineData("window under eviction")]
    public void Attend_BlocksOutOfSightGivenAway_IsTheSameToTheBit(string name)
    {
        AttentionCase attention = Cases[name](KvDataType.Float32);
        using var harness = new AttentionHarness(attention);
        float[] whole = harness.RunAll(ModelDriver.Blocks(0, attention.Tokens), attention.Tokens);
        const int poisoned = 63;
        harness.Pool.Block(poisoned).Fill(0xFF);
        int[] blocks = ModelDriver.Blocks(30, attention.Tokens);
        var rows = new List<float>();
        int givenAway = 0;
        for (int position = 0; position < attention.Tokens; position++)
        {
            for (int block = 0; block < position / KvPool.BlockSize; block++)
            {
                if (blocks[block] != poisoned && !harness.Retention.Reads(block, position, KvPool.BlockSize))
                {
                    harness.Pool.Block(blocks[block]).Fill(0xFF);
                    blocks[block] = poisoned;
                    givenAway++;
                }
            }

            rows.AddRange(harness.Run(position, position + 1, blocks));
        }

        Assert.Equal(whole, rows);
        Assert.True(givenAway >= 5, $"{givenAway}");
    }

    [Fact]
    public void Attend_BlockBeforeTheWindowMissing_IsNotRead()
    {
        AttentionCase attention = Cases["window 17"](KvDataType.Float32);
        using var harness = new AttentionHarness(attention);
        Assert.NotEmpty(harness.Run(32, 33, [-1, 1, 2]));
    }

    [Theory]
    [InlineData(8, 100, "whole blocks of 16")]
    [InlineData(-16, 100, "whole blocks of 16")]
    [InlineData(16, 0, "do not fit the model's context of 4096")]
    [InlineData(16, 4096, "do not fit the model's context of 4096")]
    public void Eviction_ThatDoesNotFit_IsRefused(int sinks, int window, string problem)
    {
        var attention = new AttentionCase(Shape(4, 2, 16), Rotary(8), 1, 1, eviction: new ContextEviction(sinks, window));
        Assert.Contains(problem, Assert.Throws<ArgumentException>(() => new AttentionHarness(attention)).Message, StringComparison.Ordinal);
    }

    private static void AssertAgrees(AttentionCase attention, double tolerance)
    {
        using var harness = new AttentionHarness(attention);
        float[] rows = harness.RunAll(ModelDriver.Blocks(3, attention.Tokens), chunk: 150);
        int width = attention.Shape.QueryWidth;
        for (int position = 0; position < attention.Tokens; position = position < 20 ? position + 1 : position + 13)
        {
            double[] expected = attention.Attend(position);
            double off = expected.Select((value, i) => Math.Abs(value - rows[(position * width) + i])).Max();
            Assert.True(off < tolerance, $"position {position}: off by {off:E2}");
        }
    }

    private static AttentionShape Shape(int queries, int cached, int size) =>
        new(queries, cached, size, 1 / MathF.Sqrt(size), 0, 0, 0, RotaryLayout.Pairs, HeadNorm.None);

    private static RotaryTable Rotary(int pairs, double scale = 1) => new()
    {
        Frequencies = [.. Enumerable.Range(0, pairs).Select(pair => scale * Math.Pow(1000, -(double)pair / pairs))],
    };

    private static RotaryTable LongRope(int originalContext) => Rotary(16) with
    {
        LongFrequencies = Rotary(16, 0.3).Frequencies,
        OriginalContext = originalContext,
        Magnitude = 1.1f,
    };
}
