using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Execution.Device;

namespace CacheProxy.Inference.Tests.Execution.Device;

public sealed class StepShapeTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 4)]
    [InlineData(5, 8)]
    [InlineData(9, 16)]
    [InlineData(17, 24)]
    [InlineData(61, 62)]
    public void Of_DecodingSequences_PadsToFewSizes(int sequences, int padded)
    {
        StepShape shape = Of(Enumerable.Repeat((Start: 100, Length: 1), sequences), maxSequences: 62);

        Assert.Equal(new StepShape(padded, padded, padded, 1, 1, 256, true), shape);
    }

    [Theory]
    [InlineData(254, 1, 256)]
    [InlineData(255, 1, 256)]
    [InlineData(256, 2, 512)]
    [InlineData(600, 4, 1024)]
    [InlineData(1100, 5, 1280)]
    public void Of_GrowingSequence_BoundsKeysByPowersOfTwoUpToTheContext(int past, int width, int keys)
    {
        StepShape shape = Of([(past, 1)], contextLength: 1200);

        Assert.Equal((width, keys), (shape.TableWidth, shape.MaxKeys));
    }

    [Fact]
    public void Of_StepWithAPrompt_KeepsItsExactSize()
    {
        StepShape shape = Of([(10, 1), (0, 37), (5, 1)]);

        Assert.Equal(new StepShape(39, 3, 3, 1, 37, 256, false), shape);
    }

    [Fact]
    public void Of_InnerPromptChunkAlone_AsksForOneRowOfLogits()
    {
        var batch = new StepBatch();
        batch.Add(new int[37], 0, [0], 0);

        Assert.Equal(new StepShape(37, 1, 1, 1, 37, 256, false), StepShape.Of(batch, 256, 64, 4096));
    }

    private static StepShape Of(IEnumerable<(int Start, int Length)> sequences, int maxSequences = 64, int contextLength = 4096)
    {
        var batch = new StepBatch();
        foreach ((int start, int length) in sequences)
        {
            batch.Add(new int[length], start, [0, 0, 0, 0, 0, 0], 1);
        }

        return StepShape.Of(batch, 256, maxSequences, contextLength);
    }
}
