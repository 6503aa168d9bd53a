using CacheProxy.Flight;

namespace CacheProxy.Tests.Flight;

public class MomentTests
{
    [Fact]
    public void Moment_ThatCameBeforeAnybodyAsked_IsACompletedTask()
    {
        var sut = new Moment(TaskCreationOptions.None);
        Assert.False(sut.HasCome);

        sut.Come();
        sut.Come();

        Assert.True(sut.HasCome);
        Assert.Same(Task.CompletedTask, sut.Task);
    }

    [Fact]
    public async Task Moment_ThatIsWaitedFor_ReleasesAllWhoWait()
    {
        var sut = new Moment(TaskCreationOptions.RunContinuationsAsynchronously);
        Task first = sut.Task, second = sut.Task;
        Assert.Same(first, second);
        Assert.False(first.IsCompleted);

        sut.Come();

        await first;
        Assert.True(sut.HasCome);
    }

    [Fact]
    public async Task Moment_ThatComesWhileManyBeginToWait_IsMissedByNobody()
    {
        for (int i = 0; i < 1000; i++)
        {
            var holder = new Holder();
            using var start = new Barrier(3);
            Task[] waiters = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() => { start.SignalAndWait(TestContext.Current.CancellationToken); return holder.Moment.Task; }, TestContext.Current.CancellationToken))];
            start.SignalAndWait(TestContext.Current.CancellationToken);
            holder.Moment.Come();
            await Task.WhenAll(waiters);
        }
    }

    private sealed class Holder
    {
        public Moment Moment = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
