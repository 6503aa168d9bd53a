using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Index;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheProxy.Tests.SemanticCache.Index;

public sealed class PersistentVectorIndexTests : VectorIndexConformance, IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("questions").FullName;

    private readonly List<PersistentVectorIndex> _started = [];

    private string FilePath => Path.Combine(_folder, "deep", "questions.db");

    public async ValueTask DisposeAsync()
    {
        // A writer that still runs would put its files back while the folder goes.
        foreach (PersistentVectorIndex index in _started)
        {
            await index.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    protected override async ValueTask<IVectorIndex> CreateSut()
    {
        PersistentVectorIndex index = Create();
        await index.StartAsync(TestContext.Current.CancellationToken);
        _started.Add(index);
        return index;
    }

    [Fact]
    public async Task Start_AfterAStop_FindsTheQuestionsAgain()
    {
        await UseAsync(async index =>
        {
            await Upsert(index, 1, Vector(1));
            await Upsert(index, 2, Vector(2));
            await index.RemoveAsync(Partition, RandomVectors.Fingerprint(2), TestContext.Current.CancellationToken);
        });

        await UseAsync(async index =>
        {
            Neighbour found = Assert.Single(await Search(index, Partition, Vector(1), minimum: 0.9f));
            Assert.Equal("1", found.Question.Text);
            Assert.Equal(1f, found.Similarity, 0.005f);
            Assert.Empty(await Search(index, Partition, Vector(2), minimum: 0.9f));
        });
    }

    [Fact]
    public async Task Start_OtherEmbedder_NeverSeesTheOldVectors()
    {
        await UseAsync(index => Upsert(index, 1, Vector(1)));

        await UseAsync(async index => Assert.Empty(await Search(index, Partition, Vector(1))), embedder: "another");
        await UseAsync(async index => Assert.Empty(await Search(index, Partition, Vector(1))));
    }

    [Fact]
    public async Task Start_ExpiredQuestions_AreLeftOut()
    {
        await UseAsync(index => Upsert(index, 1, Vector(1), lifeSeconds: 10));
        Time.Advance(TimeSpan.FromSeconds(10));

        await UseAsync(async index => Assert.Empty(await Search(index, Partition, Vector(1))));
    }

    [Fact]
    public async Task Start_DamagedFile_IsPutAsideAndTheIndexWorksAndPersistsAnew()
    {
        await UseAsync(index => Upsert(index, 1, Vector(1)));
        File.Delete(FilePath + "-wal");
        await File.WriteAllTextAsync(FilePath, new string('x', 8192), TestContext.Current.CancellationToken);

        await UseAsync(async index =>
        {
            Assert.Empty(await Search(index, Partition, Vector(1)));
            await Upsert(index, 2, Vector(2));
        });

        Assert.True(File.Exists(FilePath + ".damaged"));
        await UseAsync(async index => Assert.Single(await Search(index, Partition, Vector(2))));
    }

    [Fact]
    public async Task Start_RowsThatCannotBeRead_ArePassedOver()
    {
        await UseAsync(async index =>
        {
            await Upsert(index, 1, Vector(1));
            await Upsert(index, 2, Vector(2));
        });
        Execute("UPDATE questions SET vector = zeroblob(192) WHERE text = '1'");

        await UseAsync(async index => Assert.Equal("2", Assert.Single(await Search(index, Partition, Vector(2), minimum: -1f)).Question.Text));
        Execute("UPDATE questions SET vector = x'00'");
        await UseAsync(async index => Assert.Empty(await Search(index, Partition, Vector(2), minimum: -1f)));
    }

    [Fact]
    public async Task Start_FileOfTheFirstLayout_IsTakenOverAndItsRowsAreFound()
    {
        await UseAsync(index => Upsert(index, 1, Vector(1)));
        Execute("ALTER TABLE questions DROP COLUMN source");
        Execute("PRAGMA user_version = 1");

        await UseAsync(async index =>
        {
            Assert.Single(await Search(index, Partition, Vector(1)));
            await Upsert(index, 2, Vector(2));
        });
        await UseAsync(async index => Assert.Single(await Search(index, Partition, Vector(2), minimum: 0.9f)));
    }

    [Fact]
    public async Task Start_UnknownLayout_StartsEmpty()
    {
        await UseAsync(index => Upsert(index, 1, Vector(1)));
        Execute("PRAGMA user_version = 99");

        await UseAsync(async index => Assert.Empty(await Search(index, Partition, Vector(1))));
    }

    [Fact]
    public async Task Start_FolderThatCannotBeMade_WorksInMemory()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "deep"), "a file where the folder should be", TestContext.Current.CancellationToken);

        await UseAsync(async index =>
        {
            await Upsert(index, 1, Vector(1));
            Assert.Single(await Search(index, Partition, Vector(1)));
        });
    }

    [Fact]
    public async Task Upsert_EvictedFromMemory_LeavesTheFileToo()
    {
        await UseAsync(
            async index =>
            {
                for (int i = 0; i < 100; i++)
                {
                    await Upsert(index, i, Vector(i));
                }
            },
            limitBytes: 20_000);

        await UseAsync(async index =>
        {
            Assert.Empty(await Search(index, Partition, Vector(0), minimum: 0.9f));
            Assert.Single(await Search(index, Partition, Vector(99), minimum: 0.9f));
        });
    }

    [Fact]
    public async Task File_OnUnix_IsItsOwnersOnly()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no file modes.");
            return;
        }

        await UseAsync(index => Upsert(index, 1, Vector(1)));

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
    }

    private PersistentVectorIndex Create(string embedder = "embedder", long limitBytes = 10_000_000)
        => new(new MemoryVectorIndex(Dimensions, limitBytes, Time), FilePath, embedder, Dimensions, Time, NullLogger<PersistentVectorIndex>.Instance);

    private async Task UseAsync(Func<IVectorIndex, Task> use, string embedder = "embedder", long limitBytes = 10_000_000)
    {
        await using PersistentVectorIndex index = Create(embedder, limitBytes);
        await index.StartAsync(TestContext.Current.CancellationToken);
        await index.Loaded;
        await use(index);
    }

    private void Execute(string sql)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={FilePath};Pooling=False");
        connection.Open();
        using Microsoft.Data.Sqlite.SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
