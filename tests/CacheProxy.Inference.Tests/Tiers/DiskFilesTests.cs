using CacheProxy.Inference.Prefix;
using CacheProxy.Inference.Tiers;

namespace CacheProxy.Inference.Tests.Tiers;

public sealed class DiskFilesTests : IDisposable
{
    private const int BlockBytes = 40;
    private const int BlockSize = 2;
    private const int Blocks = 3;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Scan_AfterWriting_GivesBackEveryRecordAndBlock()
    {
        WriteBlocks();

        using DiskFiles files = Open();
        List<(int Slot, DiskRecord Record)> found = [.. files.Scan(100)];

        Assert.Equal([0, 1, 2], found.Select(item => item.Slot));
        Assert.All(found, item => AssertIsWhole(files, item.Slot, item.Record));
        Assert.Equal([4, 5], found[1].Record.Tokens);
    }

    [Fact]
    public void Clear_ASlot_IsNotFoundByTheNextStart()
    {
        WriteBlocks();
        using (DiskFiles files = Open())
        {
            files.Clear(1);
        }

        using DiskFiles again = Open();
        Assert.Equal([0, 2], again.Scan(100).Select(item => item.Slot));
    }

    [Fact]
    public void Scan_SmallerBudget_CutsTheFiles()
    {
        WriteBlocks();
        using DiskFiles files = Open();

        Assert.Equal([0], files.Scan(1).Select(item => item.Slot));
        Assert.Equal([0], files.Scan(100).Select(item => item.Slot));
    }

    [Theory]
    [InlineData("another model", BlockBytes, BlockSize)]
    [InlineData("model", BlockBytes + 8, BlockSize)]
    [InlineData("model", BlockBytes, BlockSize + 1)]
    public void Open_OfAnotherModelOrShape_BeginsAnew(string fingerprint, int blockBytes, int blockSize)
    {
        WriteBlocks();

        using DiskFiles files = DiskFiles.Open(_folder.Path, fingerprint, blockBytes, blockSize);

        Assert.Empty(files.Scan(100));
        Assert.Equal(0, new FileInfo(_folder.Blocks).Length);
    }

    [Fact]
    public void Open_FolderOfARunningEngine_IsRefused()
    {
        using DiskFiles first = Open();

        Assert.Throws<IOException>(Open);
    }

    [Fact]
    public void Open_KilledBetweenWritingAndRenamingTheIndex_StartsEmpty()
    {
        File.WriteAllBytes(_folder.Index + ".new", new byte[17]);

        using DiskFiles files = Open();

        Assert.Empty(files.Scan(100));
        Write(files, 0);
        Assert.Single(files.Scan(100));
    }

    [Fact]
    public void Scan_KilledBetweenBlockAndRecord_DoesNotKnowTheBlock()
    {
        using (DiskFiles files = Open())
        {
            Write(files, 0);
        }

        // A second block's bytes without its record.
        using (FileStream blocks = File.OpenWrite(_folder.Blocks))
        {
            blocks.Position = 4096;
            blocks.Write(new byte[BlockBytes]);
        }

        using DiskFiles again = Open();
        Assert.Equal([0], again.Scan(100).Select(item => item.Slot));
    }

    [Fact]
    public void TryRead_BlockOverwrittenBeforeItsRecord_IsAMiss()
    {
        WriteBlocks();
        using DiskFiles files = Open();
        (int slot, DiskRecord old) = files.Scan(100).First();
        using (FileStream blocks = new(_folder.Blocks, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            blocks.Write(BytesOf(99));
        }

        Assert.False(files.TryRead(slot, old.Key, old.Checksum, new byte[BlockBytes]));
    }

    [Fact]
    public void Files_TruncatedAnywhere_GiveWholeBlocksOrNone()
    {
        WriteBlocks();
        byte[] index = File.ReadAllBytes(_folder.Index), blocks = File.ReadAllBytes(_folder.Blocks);
        // The records are alike: the header and the first of them are walked through byte by byte.
        for (int length = 0; length <= index.Length; length += length < 64 + DiskRecord.BytesFor(BlockSize) ? 1 : 5)
        {
            CheckDamaged(index[..length], blocks);
        }

        for (int length = 0; length <= blocks.Length; length += length is < BlockBytes + 2 or > 4090 and < 4096 + BlockBytes + 2 ? 1 : 409)
        {
            CheckDamaged(index, blocks[..length]);
        }
    }

    [Fact]
    public void Files_AnyByteChanged_GiveWholeBlocksOrNone()
    {
        WriteBlocks();
        byte[] index = File.ReadAllBytes(_folder.Index), blocks = File.ReadAllBytes(_folder.Blocks);
        for (int at = 0; at < index.Length; at += at < 64 + DiskRecord.BytesFor(BlockSize) ? 1 : 7)
        {
            CheckDamaged(Flip(index, at), blocks);
        }

        for (int at = 0; at < BlockBytes; at++)
        {
            Assert.Equal(Blocks - 1, CheckDamaged(index, Flip(blocks, at)));
        }
    }

    /// <returns>Blocks that can still be read.</returns>
    private int CheckDamaged(byte[] index, byte[] blocks)
    {
        File.WriteAllBytes(_folder.Index, index);
        File.WriteAllBytes(_folder.Blocks, blocks);
        using DiskFiles files = Open();
        int readable = 0;
        foreach ((int slot, DiskRecord record) in files.Scan(100))
        {
            byte[] bytes = new byte[BlockBytes];
            if (files.TryRead(slot, record.Key, record.Checksum, bytes))
            {
                AssertIsWhole(files, slot, record);
                readable++;
            }
        }

        return readable;
    }

    private static byte[] Flip(byte[] bytes, int at)
    {
        byte[] flipped = [.. bytes];
        flipped[at] ^= 0x40;
        return flipped;
    }

    private DiskFiles Open() => DiskFiles.Open(_folder.Path, "model", BlockBytes, BlockSize);

    private void WriteBlocks()
    {
        using DiskFiles files = Open();
        for (int slot = 0; slot < Blocks; slot++)
        {
            Write(files, slot);
        }
    }

    private static void Write(DiskFiles files, int slot)
    {
        byte[] bytes = BytesOf(slot);
        BlockKey key = KeyOf(slot);
        files.Write(
            slot, new DiskRecord(key, KeyOf(slot - 1), KeyOf(-9), slot, 10 * slot, slot, 1, DiskRecord.ChecksumOf(key, bytes), [3 + slot, 4 + slot]), bytes);
    }

    private static void AssertIsWhole(DiskFiles files, int slot, DiskRecord record)
    {
        byte[] bytes = new byte[BlockBytes];
        Assert.True(files.TryRead(slot, record.Key, record.Checksum, bytes));
        Assert.Equal(KeyOf(slot), record.Key);
        Assert.Equal([3 + slot, 4 + slot], record.Tokens);
        Assert.Equal((slot, 10L * slot, slot), ((int)record.Stamp, record.Priority, record.Depth));
        Assert.Equal(BytesOf(slot), bytes);
    }

    private static BlockKey KeyOf(int slot) => BlockKey.Next(default, [slot]);

    private static byte[] BytesOf(int seed)
    {
        byte[] bytes = new byte[BlockBytes];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
