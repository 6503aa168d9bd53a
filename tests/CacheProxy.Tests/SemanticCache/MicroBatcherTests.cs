using System.Collections.Concurrent;
using CacheProxy.SemanticCache.Encoders;

namespace CacheProxy.Tests.SemanticCache;

public sealed class MicroBatcherTests : IDisposable
{
    private readonly ConcurrentQueue<int[]> _runs = new();
    private readonly SemaphoreSlim _begun = new(0);
    private readonly SemaphoreSlim _gate = new(0);
    private bool _isGated;

    public void Dispose()
    {
        _begun.Dispose();
        _gate.Dispose();
    }

    [Fact]
    public async Task Run_ModelIdle_StartsAtOnceAndAlone()
    {
        using MicroBatcher<int, int> sut = CreateSut(workers: 2);

        Assert.Equal(10, await sut.RunAsync(1, TestContext.Current.CancellationToken));
        Assert.Equal(20, await sut.RunAsync(2, TestContext.Current.CancellationToken));

        Assert.Equal([[1], [2]], _runs);
    }

    [Fact]
    public async Task Run_ModelBusy_TheNextRunTakesAllThatGathered()
    {
        using MicroBatcher<int, int> sut = CreateSut(maximumItems: 4);
        Task<int> first = await BeginGatedAsync(sut);
        Task<int>[] others = [.. Enumerable.Range(1, 6).Select(i => sut.RunAsync(i, CancellationToken.None))];

        _gate.Release(10);
        int[] results = await Task.WhenAll(others);

        Assert.Equal(0, await first);
        Assert.Equal([10, 20, 30, 40, 50, 60], results);
        Assert.Equal([[0], [1, 2, 3, 4], [5, 6]], _runs);
        Assert.Equal((3, 7), (sut.Batches, sut.Items));
    }

    [Fact]
    public async Task Run_CallerGoes_TheOthersOfItsBatchAreServedAndItsItemIsNotRun()
    {
        using MicroBatcher<int, int> sut = CreateSut();
        await BeginGatedAsync(sut);
        using var goes = new CancellationTokenSource();
        Task<int> gone = sut.RunAsync(1, goes.Token);
        Task<int> stays = sut.RunAsync(2, CancellationToken.None);

        await goes.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        _gate.Release(10);

        Assert.Equal(20, await stays);
        Assert.Equal([[0], [2]], _runs);
    }

    [Fact]
    public async Task Run_CallerGoesWhileItsBatchRuns_TheOthersAreServed()
    {
        using MicroBatcher<int, int> sut = CreateSut();
        await BeginGatedAsync(sut);
        using var goes = new CancellationTokenSource();
        Task<int> gone = sut.RunAsync(1, goes.Token), stays = sut.RunAsync(2, CancellationToken.None);
        _gate.Release(1);
        await _begun.WaitAsync(TestContext.Current.CancellationToken);

        await goes.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        _gate.Release(1);

        Assert.Equal(20, await stays);
    }

    [Fact]
    public async Task Run_OneItemBreaksTheModel_FailsAlone()
    {
        using MicroBatcher<int, int> sut = CreateSut();
        await BeginGatedAsync(sut);
        Task<int> before = sut.RunAsync(1, CancellationToken.None), bad = sut.RunAsync(-1, CancellationToken.None), after = sut.RunAsync(3, CancellationToken.None);

        _gate.Release(10);

        int[] results = await Task.WhenAll(before, after);
        Assert.Equal([10, 30], results);
        await Assert.ThrowsAsync<ArithmeticException>(() => bad);
        Assert.Equal(70, await sut.RunAsync(7, CancellationToken.None));
    }

    [Fact]
    public async Task Run_ModelGivesTooFewResults_FailsInsteadOfGivingAnothersResult()
    {
        using var sut = new MicroBatcher<int, int>((_, _) => new(Array.Empty<int>()), 1, 4);

        await Assert.ThrowsAsync<InvalidOperationException>(() => sut.RunAsync(1, CancellationToken.None));
    }

    [Fact]
    public async Task Run_AlreadyCancelled_NeverReachesTheModel()
    {
        using MicroBatcher<int, int> sut = CreateSut();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sut.RunAsync(1, new CancellationToken(canceled: true)));

        Assert.Empty(_runs);
    }

    [Fact]
    public async Task Run_ModelStalls_QueueStaysBoundedAndThoseWhoGaveUpMakeRoom()
    {
        using MicroBatcher<int, int> sut = CreateSut();
        await BeginGatedAsync(sut);
        using var impatient = new CancellationTokenSource();
        Task<int>[] waiting = [.. Enumerable.Range(0, 1024).Select(i => sut.RunAsync(i, impatient.Token))];
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await sut.RunAsync(1, CancellationToken.None));

        await impatient.CancelAsync();
        Task<int> welcome = sut.RunAsync(5, CancellationToken.None);
        _gate.Release(10);

        Assert.Equal(50, await welcome);
        Assert.All(waiting, task => Assert.True(task.IsCanceled));
        Assert.Equal([[0], [5]], _runs);
    }

    [Fact]
    public async Task Dispose_RunUnderWay_WaitsForItAndRefusesTheRest()
    {
        MicroBatcher<int, int> sut = CreateSut();
        Task<int> running = await BeginGatedAsync(sut);
        Task<int> queued = sut.RunAsync(1, CancellationToken.None);

        var disposing = Task.Run(sut.Dispose, TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => queued);
        Assert.False(disposing.IsCompleted);
        _gate.Release(1);
        await disposing;

        Assert.True(running.IsCompletedSuccessfully || await running == 0);
        Assert.Throws<ObjectDisposedException>(() => { _ = sut.RunAsync(2, CancellationToken.None); });
    }

    [Fact]
    public async Task Run_ManyCallersAtOnce_EachGetsItsOwnResult()
    {
        using MicroBatcher<int, int> sut = CreateSut(workers: 3);

        int[] results = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(i => Task.Run(() => sut.RunAsync(i % 100, CancellationToken.None))));

        Assert.Equal(Enumerable.Range(0, 1_000).Select(i => i % 100 * 10), results);
        Assert.All(_runs, run => Assert.InRange(run.Length, 1, 8));
    }

    private MicroBatcher<int, int> CreateSut(int workers = 1, int maximumItems = 8) => new((items, _) => new(Run(items)), workers, maximumItems);

    private async Task<Task<int>> BeginGatedAsync(MicroBatcher<int, int> sut)
    {
        _isGated = true;
        Task<int> first = sut.RunAsync(0, CancellationToken.None);
        await _begun.WaitAsync(TestContext.Current.CancellationToken);
        return first;
    }

    private int[] Run(IReadOnlyList<int> items)
    {
        if (items.Contains(-1))
        {
            throw new ArithmeticException("broken");
        }

        _runs.Enqueue([.. items]);
        if (_isGated)
        {
            _begun.Release();
            _gate.Wait(TestContext.Current.CancellationToken);
        }

        return [.. items.Select(item => item * 10)];
    }
}
