using CacheProxy.Inference.Engine;

namespace CacheProxy.Inference.Tests.Engine;

public sealed class SnapshotTests
{
    private readonly record struct Wide(long A, long B, long C, long D, long E, long F);

    [Fact]
    public async Task Read_WhileAnotherThreadWrites_NeverSeesHalfOfIt()
    {
        var snapshot = new Snapshot<Wide>();
        Task writer = Task.Run(
            () =>
            {
                for (long i = 1; i <= 300_000; i++)
                {
                    snapshot.Write(new Wide(i, i, i, i, i, i));
                }
            },
            TestContext.Current.CancellationToken);
        long last = 0;

        while (!writer.IsCompleted)
        {
            Wide seen = snapshot.Read();
            Assert.Equal(new Wide(seen.A, seen.A, seen.A, seen.A, seen.A, seen.A), seen);
            Assert.True(seen.A >= last);
            last = seen.A;
        }

        await writer;
        Assert.Equal(300_000, snapshot.Read().F);
    }
}
