using CacheProxy.Benchmarks.Streams;
using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Policies;
using CacheProxy.SemanticCache.Truth;
using CacheProxy.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheProxy.Tests.SemanticCache.Truth;

public sealed class ErrorWatchTests
{
    private static readonly PolicyScope Scope = new("tenant", "m", "", "", [], default, default);

    private readonly ErrorWatch _sut = new(
        new ScopeRules(new TestOptions<SemanticOptions>(new SemanticOptions { ErrorBound = 0.01, ServedErrorBound = 0.05 })), new FakeTimeProvider(), NullLogger<ErrorWatch>.Instance);

    [Fact]
    public void Note_LowerBoundBeyondTheBound_FallsBackUntilResumed()
    {
        var told = new List<ScopeError>();
        _sut.Changed = told.Add;
        Serve(100);
        Audit(ObservationOutcome.Wrong, 3);

        Assert.True(_sut.IsExactOnly(Scope, "static"));
        Assert.False(_sut.IsExactOnly(Scope, "learned"));
        Assert.False(_sut.IsExactOnly(Scope with { Model = "other" }, "static"));
        Assert.True(_sut.Resume(new ScopeKey("tenant", "m", "static")));
        Assert.False(_sut.IsExactOnly(Scope, "static"));
        Assert.False(_sut.Resume(new ScopeKey("tenant", "m", "static")));
        Assert.Equal([true, false], told.Select(error => error.ExactOnlySince is not null));
    }

    [Fact]
    public void Note_ModelsThatClientsMadeUp_LeaveRoomForThoseThatAreServed()
    {
        for (int i = 0; i < 5000; i++)
        {
            _sut.NoteRequest(Scope with { Model = $"none-{i}" }, "static", served: false);
        }

        Serve(100);
        Audit(ObservationOutcome.Wrong, 3);

        Assert.True(_sut.IsExactOnly(Scope, "static"));
        Assert.InRange(_sut.Scopes.Count, 1, 4096);
    }

    [Fact]
    public async Task Note_RequestsCountedMeanwhile_FallsBackAllTheSame()
    {
        Serve(100);
        Audit(ObservationOutcome.Wrong, 2);
        using var done = new CancellationTokenSource();
        Task[] requests = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 50_000 && !done.IsCancellationRequested; i++)
            {
                _sut.NoteRequest(Scope, "static", served: false);
            }
        }, TestContext.Current.CancellationToken))];
        _sut.Note(Scope, "static", ObservationSource.Audit, ObservationOutcome.Wrong);
        bool isExactOnly = _sut.IsExactOnly(Scope, "static");
        await done.CancelAsync();
        await Task.WhenAll(requests);

        Assert.True(isExactOnly);
    }

    [Fact]
    public void Note_FewWrongAmongManyRight_GoesOn()
    {
        Serve(1000);
        Audit(ObservationOutcome.Right, 200);
        Audit(ObservationOutcome.Wrong, 4);

        Assert.False(_sut.IsExactOnly(Scope, "static"));
        ScopeError error = Assert.Single(_sut.Scopes);
        Assert.InRange(error.OfServed.Lower, 0.005, 0.0197);
        Assert.InRange(error.OfServed.Upper, 0.0197, 0.06);
    }

    [Fact]
    public void Note_UsersWord_IsALowerBoundAndNoShare()
    {
        Serve(100);
        for (int i = 0; i < 3; i++)
        {
            _sut.Note(Scope, "static", ObservationSource.Feedback, ObservationOutcome.Wrong);
        }

        ScopeError error = Assert.Single(_sut.Scopes);
        Assert.Equal(0.03, error.OfServed.Lower, 6);
        Assert.Null(error.Estimate);
        Assert.Equal(0.03, error.OfRequests.Lower, 6);
        Assert.True(_sut.IsExactOnly(Scope, "static"));
    }

    [Fact]
    public void Note_UnknownOutcome_CountsForNothing()
    {
        Serve(10);
        Audit(ObservationOutcome.Unknown, 50);

        Assert.Equal(0, Assert.Single(_sut.Scopes).Right);
    }

    [Fact]
    public void Interval_OnStreamsWithPlantedWrongHits_CoversTheTruth() => Assert.InRange(AuditCoverage.Count(), 90, 100);

    private void Serve(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _sut.NoteRequest(Scope, "static", served: true);
        }
    }

    private void Audit(ObservationOutcome outcome, int count)
    {
        for (int i = 0; i < count; i++)
        {
            _sut.Note(Scope, "static", ObservationSource.Audit, outcome);
        }
    }
}
