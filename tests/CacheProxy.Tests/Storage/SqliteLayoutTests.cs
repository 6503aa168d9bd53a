using CacheProxy.Storage;
using CacheProxy.Tests.Stores.Sqlite;
using Microsoft.Data.Sqlite;

namespace CacheProxy.Tests.Storage;

public sealed class SqliteLayoutTests : IDisposable
{
    private static readonly SqliteLayout First = new(1, "CREATE TABLE IF NOT EXISTS sums(day INTEGER PRIMARY KEY, requests INTEGER NOT NULL);");

    private static readonly SqliteLayout Third = new(3, "CREATE TABLE IF NOT EXISTS sums(day INTEGER PRIMARY KEY, requests INTEGER NOT NULL, hits INTEGER NOT NULL, users INTEGER);")
    {
        Steps = new Dictionary<int, string>
        {
            [1] = "ALTER TABLE sums ADD COLUMN hits INTEGER NOT NULL DEFAULT 0",
            [2] = "ALTER TABLE sums ADD COLUMN users INTEGER; UPDATE sums SET hits = requests",
        },
    };

    private readonly TempFolder _folder = new();

    private string FilePath => _folder.File("some.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void FileOfAFormerVersion_IsTakenOverStepByStep_WithWhatItHolds()
    {
        using (SqliteConnection former = First.Open(FilePath))
        {
            SqliteFile.Execute(former, "INSERT INTO sums VALUES(7, 5)");
        }

        for (int i = 0; i < 2; i++)
        {
            using SqliteConnection taken = Third.Open(FilePath);
            Assert.Equal(3, SqliteFile.VersionOf(taken));
            Assert.Equal("7|5|5|", SqliteFile.Scalar(taken, "SELECT day || '|' || requests || '|' || hits || '|' || ifnull(users, '') FROM sums"));
        }
    }

    [Fact]
    public void StepThatFails_LeavesTheFileAsItWas()
    {
        using (SqliteConnection former = First.Open(FilePath))
        {
            SqliteFile.Execute(former, "INSERT INTO sums VALUES(7, 5)");
        }

        SqliteLayout broken = Third with { Steps = new Dictionary<int, string> { [1] = Third.Steps[1], [2] = "UPDATE nothing SET x = 1" } };

        Assert.Throws<SqliteException>(() => broken.Open(FilePath));
        using SqliteConnection taken = Third.Open(FilePath);
        Assert.Equal(5L, SqliteFile.Scalar(taken, "SELECT hits FROM sums"));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(4, false)]
    [InlineData(1, true)]
    public void VersionThatNoStepLeadsFrom_IsRefused_AndOnlyAFormerOneMayBeWorthless(int version, bool dropsFormer)
    {
        (First with { Version = version }).Open(FilePath).Dispose();

        UnknownLayoutException refused = Assert.Throws<UnknownLayoutException>(() => (Third with { Steps = new Dictionary<int, string>(), DropsFormer = dropsFormer }).Open(FilePath));

        Assert.Equal(dropsFormer, refused.IsWorthless);
        Assert.Contains(FilePath, refused.Message, StringComparison.Ordinal);
    }
}
