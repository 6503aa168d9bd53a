using CacheProxy.SemanticCache.Truth;
using CacheProxy.Storage;
using CacheProxy.TestKit;
using CacheProxy.Tests.SemanticCache.Index;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheProxy.Tests.SemanticCache.Truth;

public sealed class ObservationLogTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cacheproxy-observations-");
    private readonly FakeTimeProvider _time = new();

    private string FilePath => Path.Combine(_folder.FullName, ObservationLog.FileName);

    [Fact]
    public async Task Read_AfterARestart_GivesWhatWasAddedInOrder()
    {
        Observation[] added = [Made(1), Made(2) with { Outcome = ObservationOutcome.Wrong, Logit = float.NaN, Asked = default }, Made(3) with { Policy = "learned" }];
        ScopeError error = new() { Key = new ScopeKey("t", "m", "static"), Requests = 9, Served = 4, Right = 2, Wrong = 1, SaidWrong = 1, ExactOnlySince = Made(0).Time };
        await WithLogAsync(async log =>
        {
            Array.ForEach(added, log.Add);
            log.Save(error);
            await log.SettleAsync(TestContext.Current.CancellationToken);
        });

        await WithLogAsync(async log =>
        {
            Assert.Equal(added, await ReadAsync(log, ObservationFilter.All));
            Assert.Equal([error], await log.ReadScopesAsync(TestContext.Current.CancellationToken));
            Assert.Equal([added[1]], (await ReadAsync(log, new ObservationFilter { IsKnownOnly = true, Policy = "static" })).Where(o => o.Outcome == ObservationOutcome.Wrong));
            Assert.Equal([added[2]], await ReadAsync(log, new ObservationFilter { Policy = "learned" }));
        });
    }

    [Fact]
    public async Task Start_OlderThanKept_IsDeleted()
    {
        await WithLogAsync(async log =>
        {
            log.Add(Made(1));
            await log.SettleAsync(TestContext.Current.CancellationToken);
        });
        _time.Advance(TimeSpan.FromDays(31));

        await WithLogAsync(async log => Assert.Empty(await ReadAsync(log, ObservationFilter.All)));
    }

    [Fact]
    public async Task Start_MoreThanKept_LosesTheOldest()
    {
        await WithLogAsync(async log =>
        {
            for (int i = 0; i < 20; i++)
            {
                log.Add(Made(i));
            }

            await log.SettleAsync(TestContext.Current.CancellationToken);
        });

        await WithLogAsync(async log => Assert.Equal([15, 16, 17, 18, 19], (await ReadAsync(log, ObservationFilter.All)).Select(o => o.EntryAgeSeconds)), most: 5);
    }

    [Fact]
    public async Task Forget_AfterARestart_NothingSpeaksForTheEntryAnyMore()
    {
        Observation wrong = Made(2) with { Outcome = ObservationOutcome.Wrong }, other = Made(3) with { Entry = RandomVectors.Fingerprint(9) };
        await WithLogAsync(log =>
        {
            log.Add(Made(1));
            log.Add(wrong);
            log.Add(other);
            log.Forget([RandomVectors.Fingerprint(2)]);
            return Task.CompletedTask;
        });

        await WithLogAsync(async log => Assert.Equal([Made(1) with { Entry = default, Asked = default }, wrong, other], await ReadAsync(log, ObservationFilter.All)));
        await WithLogAsync(log =>
        {
            log.Forget([RandomVectors.Fingerprint(3)]);
            return Task.CompletedTask;
        });
        await WithLogAsync(async log => Assert.All(await ReadAsync(log, ObservationFilter.All), observation => Assert.Equal(default, observation.Asked)));
    }

    [Fact]
    public async Task Save_MoreScopesThanTheQueueHolds_KeepsTheLatestOfEach()
    {
        await WithLogAsync(log =>
        {
            for (int round = 1; round <= 5; round++)
            {
                for (int i = 0; i < 3000; i++)
                {
                    log.Save(new ScopeError { Key = new ScopeKey("t", $"m{i}", "static"), Requests = round });
                }
            }

            log.Add(Made(1));
            return Task.CompletedTask;
        });

        await WithLogAsync(async log =>
        {
            IReadOnlyList<ScopeError> scopes = await log.ReadScopesAsync(TestContext.Current.CancellationToken);
            Assert.Equal(3000, scopes.Count);
            Assert.All(scopes, scope => Assert.Equal(5, scope.Requests));
            Assert.Equal(0, log.Dropped);
            Assert.Single(await ReadAsync(log, ObservationFilter.All));
        });
    }

    [Fact]
    public async Task Start_MoreScopesThanAreWatched_KeepsThoseThatFellBackAndThoseThatWereServed()
    {
        await WithLogAsync(log =>
        {
            log.Save(new ScopeError { Key = new ScopeKey("t", "fallen", "static"), ExactOnlySince = _time.GetUtcNow() });
            log.Save(new ScopeError { Key = new ScopeKey("t", "served", "static"), Served = 1 });
            for (int i = 0; i < 5000; i++)
            {
                log.Save(new ScopeError { Key = new ScopeKey("t", $"m{i}", "static"), Requests = 1 });
            }

            return Task.CompletedTask;
        });

        await WithLogAsync(async log =>
        {
            IReadOnlyList<ScopeError> scopes = await log.ReadScopesAsync(TestContext.Current.CancellationToken);
            Assert.Equal(4096, scopes.Count);
            Assert.Superset(new HashSet<string> { "fallen", "served" }, scopes.Select(scope => scope.Key.Model).ToHashSet());
        });
    }

    [Fact]
    public async Task Start_FileOfTheFirstLayout_KeepsWhatItHolds()
    {
        await WithLogAsync(log =>
        {
            log.Add(Made(1));
            log.Save(new ScopeError { Key = new ScopeKey("t", "m", "static"), Wrong = 3 });
            return Task.CompletedTask;
        });
        using (SqliteConnection connection = SqliteFile.OpenForWriting(FilePath))
        {
            SqliteFile.Execute(connection, "ALTER TABLE scopes DROP COLUMN updated; PRAGMA user_version = 1");
        }

        await WithLogAsync(async log =>
        {
            Assert.Single(await ReadAsync(log, ObservationFilter.All));
            Assert.Equal(3, Assert.Single(await log.ReadScopesAsync(TestContext.Current.CancellationToken)).Wrong);
        });
    }

    [Fact]
    public async Task Start_DamagedFile_IsPutAsideAndBegunAnew()
    {
        await File.WriteAllTextAsync(FilePath, new string('x', 9000), TestContext.Current.CancellationToken);

        await WithLogAsync(async log =>
        {
            log.Add(Made(1));
            await log.SettleAsync(TestContext.Current.CancellationToken);
            Assert.Single(await ReadAsync(log, ObservationFilter.All));
        });

        Assert.True(File.Exists(FilePath + ".damaged"));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task WithLogAsync(Func<ObservationLog, Task> use, int most = 1000)
    {
        using var log = new ObservationLog(FilePath, TimeSpan.FromDays(30), most, _time, NullLogger<ObservationLog>.Instance);
        await log.StartAsync(TestContext.Current.CancellationToken);
        await use(log);
        await log.StopAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<List<Observation>> ReadAsync(ObservationLog log, ObservationFilter filter)
    {
        var all = new List<Observation>();
        await foreach (Observation observation in log.ReadAsync(filter, TestContext.Current.CancellationToken))
        {
            all.Add(observation);
        }

        return all;
    }

    private Observation Made(int age) => new()
    {
        Time = DateTimeOffset.FromUnixTimeMilliseconds(_time.GetUtcNow().ToUnixTimeMilliseconds()),
        Policy = "static",
        Tenant = "t",
        Model = "m",
        Route = "r",
        Namespace = "n",
        Partition = RandomVectors.Fingerprint(1),
        Entry = RandomVectors.Fingerprint(2),
        Asked = RandomVectors.Fingerprint(3),
        Probability = 0.75,
        Cosine = 0.5f,
        Logit = 1.5f,
        Served = true,
        WouldServe = true,
        Outcome = ObservationOutcome.Right,
        Source = ObservationSource.Audit,
        EntryAgeSeconds = age,
    };
}
