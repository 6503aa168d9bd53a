using CacheProxy.Exchange;
using CacheProxy.Ledger.Findings;
using Microsoft.Data.Sqlite;

namespace CacheProxy.Tests.Ledger.Findings;

public sealed class FindingsFileTests : IDisposable
{
    private static readonly DateOnly Day = new(2026, 3, 1);
    private static readonly FindingScope Support = new("support", new string('a', 64), "m", "r");
    private static readonly FindingScope Search = new("search", new string('b', 64), "m", "r");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cacheproxy-test-");

    private string PathOfFile => Path.Combine(_folder.FullName, FindingsFile.FileName);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Read_SeveralWritesAndDays_GivesSumsAndTheLatestText()
    {
        using (FindingsFile file = new(PathOfFile))
        {
            for (int i = 0; i < 3; i++)
            {
                var batch = new FindingsBatch();
                batch.Add(Day.AddDays(i), Prefix(Support, prompts: 1 + i, $"now 1{i}:00"), Print(1));
                batch.Add(Day.AddDays(i), Prefix(Support, prompts: 10, $"now 2{i}:00"), Print(1));
                batch.Add(Day.AddDays(i), Pair(Support, 7, 8, "asked", "stored"));
                batch.Add(Day.AddDays(i), Expired(Search));
                batch.Miss(Day.AddDays(i), Support, "bypass", "temperature");
                batch.Miss(Day.AddDays(i), Support, "bypass", "temperature");
                file.Add(batch);
            }
        }

        FindingsReport found = new FindingsReader(PathOfFile).Read(new FindingsFilter(Day.AddDays(1), Day.AddDays(2)));

        VolatilePrefix prefix = Assert.Single(found.VolatilePrefixes);
        Assert.Equal((25, 2500, 250, 2), (prefix.Prompts, prefix.Tokens, prefix.Nanodollars, prefix.Unpriced));
        Assert.Equal("now 22:00", prefix.Example?.Text);
        Assert.Equal(2, Assert.Single(found.NearMisses).Count);
        Assert.Equal(("asked", "stored"), (found.NearMisses[0].AskedText, found.NearMisses[0].StoredText));
        ExpiredAnswers expired = Assert.Single(found.Expired);
        Assert.Equal((2, 4, 6), (expired.Same, expired.Different, expired.Nanodollars));
        Assert.Equal(new MissReason(Support, "bypass", "temperature", 4), Assert.Single(found.Misses));
        Assert.Empty(new FindingsReader(PathOfFile).Read(new FindingsFilter(Day, Day, "search", "other")).Expired);
    }

    [Fact]
    public void ForgetTexts_OfEntriesOrScopes_KeepsTheSums()
    {
        using FindingsFile file = new(PathOfFile);
        var batch = new FindingsBatch();
        batch.Add(Day, Prefix(Support, 1, "a"), Print(1));
        batch.Add(Day, Prefix(Search, 1, "b"), Print(2));
        batch.Add(Day, Pair(Support, 3, 4, "c", "d"));
        batch.Add(Day, Pair(Search, 5, 6, "e", "f"));
        file.Add(batch);

        file.ForgetTexts([Print(1), Print(6)]);
        FindingsReport found = Read();
        Assert.Equal(["b", null], found.VolatilePrefixes.Select(one => one.Example?.Text).Order(StringComparer.Ordinal).Reverse());
        Assert.Equal(["c"], found.NearMisses.Select(one => one.AskedText).OfType<string>());

        file.ForgetTexts(Support.ScopeId, null);
        found = Read();
        Assert.Empty(found.NearMisses.Select(one => one.StoredText).OfType<string>());
        Assert.Equal(2, found.NearMisses.Count);
        Assert.Equal(2, found.VolatilePrefixes.Sum(one => one.Prompts));
    }

    [Fact]
    public void Trim_OldDays_AreGone()
    {
        using FindingsFile file = new(PathOfFile);
        var batch = new FindingsBatch();
        batch.Miss(Day, Support, "new", "");
        batch.Miss(Day.AddDays(1), Support, "new", "");
        file.Add(batch);

        file.Trim(Day.AddDays(1));

        Assert.Equal(1, Assert.Single(Read().Misses).Count);
    }

    [Fact]
    public void Read_NoFile_FindsNothing_AndADamagedOneIsSaid()
    {
        Assert.Equal(FindingsReport.Empty, Read());

        File.WriteAllText(PathOfFile, new string('x', 5000));

        Assert.Throws<SqliteException>(Read);
    }

    private FindingsReport Read() => new FindingsReader(PathOfFile).Read(new FindingsFilter(DateOnly.MinValue, DateOnly.MaxValue));

    private static Fingerprint256 Print(byte value)
    {
        byte[] bytes = new byte[Fingerprint256.SizeBytes];
        bytes[0] = value;
        return new Fingerprint256(bytes);
    }

    private static VolatilePrefix Prefix(FindingScope scope, long prompts, string text) => new()
    {
        Scope = scope,
        Class = VolatileClass.DateTime,
        Place = 1,
        Prompts = prompts,
        Tokens = 100 * prompts,
        Nanodollars = 10 * prompts,
        Unpriced = prompts == 10 ? 1 : 0,
        Seconds = 0.5,
        Example = new Snippet(text, 0, 1),
    };

    private static NearMissPair Pair(FindingScope scope, byte asked, byte stored, string askedText, string storedText) => new()
    {
        Scope = scope,
        Asked = Print(asked),
        Stored = Print(stored),
        Count = 1,
        Similarity = 0.9f,
        Reason = "guarded",
        Guard = "numbers",
        AskedText = askedText,
        StoredText = storedText,
    };

    private static ExpiredAnswers Expired(FindingScope scope) => new()
    {
        Scope = scope,
        TtlSeconds = 60,
        AgeSeconds = 128,
        Same = 1,
        Different = 2,
        Nanodollars = 3,
        Unpriced = 0,
        Seconds = 1.5,
    };
}
