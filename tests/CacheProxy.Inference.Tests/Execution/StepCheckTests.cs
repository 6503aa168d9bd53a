using CacheProxy.Inference.Execution;
using CacheProxy.Inference.TestKit;

namespace CacheProxy.Inference.Tests.Execution;

public sealed class StepCheckTests : IDisposable
{
    private readonly FakeModelRunner _whole = new(blockCount: 8, blockSize: 16, contextLength: 64);

    private readonly FakeModelRunner _window = new(blockCount: 8, blockSize: 16, contextLength: 64) { Retention = new KvRetention(16, 17) };

    public void Dispose()
    {
        _whole.Dispose();
        _window.Dispose();
    }

    [Fact]
    public void Check_BlockThatIsRead_MustBeThere()
    {
        Assert.Equal("Block -1 is not in the pool of 8.", Refusal(_whole, 48, [0, -1, 2, 3]));
        Assert.Equal("Block -1 is not in the pool of 8.", Refusal(_window, 48, [-1, 1, 2, 3]));
        Assert.Equal("Block 8 is not in the pool of 8.", Refusal(_window, 48, [0, -1, 8, 3]));
        StepCheck.Check(Batch(48, [0, -1, 2, 3]), _window);
    }

    [Fact]
    public void Check_BeyondTheContext_IsForModelsThatForget()
    {
        Assert.Equal("Positions 64 to 64 lie outside the context of 64.", Refusal(_whole, 64, [0, 1, 2, 3, 4]));
        StepCheck.Check(Batch(64, [0, -1, -1, 3, 4]), _window);
        Assert.Equal("Positions 2147483647 to 2147483647 lie outside the context of 64.", Refusal(_window, int.MaxValue, [0]));
        Assert.Equal("A sequence of 65 tokens has 4 blocks, not 5.", Refusal(_window, 64, [0, 1, 2, 3]));
    }

    private static string Refusal(FakeModelRunner runner, int start, int[] blocks) =>
        Assert.Throws<ArgumentException>(() => StepCheck.Check(Batch(start, blocks), runner)).Message;

    private static StepBatch Batch(int start, int[] blocks)
    {
        var batch = new StepBatch();
        batch.Add([1], start, blocks, 1);
        return batch;
    }
}
