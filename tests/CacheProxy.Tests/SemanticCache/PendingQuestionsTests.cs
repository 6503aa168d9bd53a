using System.Buffers;
using CacheProxy.Exchange;
using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Prefilter;
using CacheProxy.TestKit;
using CacheProxy.Tests.SemanticCache.Index;
using CacheProxy.Tests.SemanticCache.Prefilter;

namespace CacheProxy.Tests.SemanticCache;

public sealed class PendingQuestionsTests
{
    private readonly StubCapture _capture = new();
    private readonly PendingQuestions _sut = new();

    [Fact]
    public void WaitFor_AnswerStillUnderWay_DoesNotWait()
    {
        _sut.Begin(Query(1), _capture);

        Assert.Null(_sut.WaitFor(Query(2)));
    }

    [Fact]
    public void WaitFor_AnswerHasEnded_WaitsUntilTheQuestionCanBeFound()
    {
        _sut.Begin(Query(1), _capture);
        _capture.HasSentLastByte = true;

        Task wait = Assert.IsType<Task>(_sut.WaitFor(Query(2)), exactMatch: false);
        _sut.Queued(Query(1).Fingerprint);
        _sut.End(Query(1).Fingerprint, unlessQueued: true);
        Assert.False(wait.IsCompleted);
        _sut.End(Query(1).Fingerprint);

        Assert.True(wait.IsCompleted);
        Assert.Equal(0, _sut.Count);
        Assert.Null(_sut.WaitFor(Query(2)));
    }

    [Fact]
    public void WaitFor_OtherPartitionOrItself_DoesNotWait()
    {
        _capture.HasSentLastByte = true;
        _sut.Begin(Query(1), _capture);

        Assert.Null(_sut.WaitFor(Query(2) with { Partition = RandomVectors.Fingerprint(8) }));
        Assert.Null(_sut.WaitFor(Query(1)));
    }

    [Fact]
    public void WaitFor_QuestionOfOtherWords_DoesNotWait()
    {
        using var prefilter = new StaticPrefilter(new FakeStaticEmbedder(), new FakeTimeProvider());
        var sut = new PendingQuestions(prefilter, () => 0.6f);
        _capture.HasSentLastByte = true;
        sut.Begin(Query(1, "3"), _capture);

        Assert.NotNull(sut.WaitFor(Query(2, "13")));
        Assert.Null(sut.WaitFor(Query(2, "4")));
    }

    [Fact]
    public void WaitFor_ManyPending_WaitsForNone()
    {
        _capture.HasSentLastByte = true;
        for (int i = 0; i < 17; i++)
        {
            _sut.Begin(Query(i), _capture);
        }

        Assert.Null(_sut.WaitFor(Query(100)));
    }

    private static SemanticQuery Query(int number, string text = "t")
        => new() { Scope = "s", Partition = RandomVectors.Fingerprint(7), Fingerprint = RandomVectors.Fingerprint(number), Text = text };

    private sealed class StubCapture : IAnswerCapture
    {
        public ReadOnlySequence<byte> Bytes => default;

        public bool IsBroken => false;

        public bool HasSentLastByte { get; set; }

        public void Settle()
        {
        }
    }
}
