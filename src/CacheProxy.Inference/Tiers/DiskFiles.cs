using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace CacheProxy.Inference.Tiers;

/// <summary>
/// The disk tier's two files: the blocks as they are, in slots of one size, and an index with a record per slot. One folder
/// belongs to one engine, which keeps the index locked.
/// </summary>
/// <remarks>
/// Slots instead of append-only segments, because blocks are all of one size and leave one by one in the policy's order: a segment
/// would have to be copied to get rid of some of its blocks. A block is written first and its record after it; record and bytes have
/// checksums, and the bytes' includes the block's key. So whatever a crash, a lost page or a changed byte leaves behind is an empty
/// slot or a failed read. A new index comes by rename, with its whole header. Reading goes by position and may run beside writing.
/// </remarks>
internal sealed class DiskFiles : IDisposable
{
    public const string IndexName = "kv-index";
    public const string BlocksName = "kv-blocks";

    private const int HeaderBytes = 64;
    private const uint Version = 1;
    private const int SlotAlignment = 4096;

    private readonly SafeFileHandle _index;
    private readonly SafeFileHandle _blocks;
    private readonly int _blockBytes;
    private readonly long _slotBytes;
    private readonly int _recordBytes;
    private readonly int _blockSize;
    private readonly BlockWrite _writeAt;

    private DiskFiles(SafeFileHandle index, SafeFileHandle blocks, int blockBytes, int blockSize, BlockWrite writeAt)
    {
        (_index, _blocks, _blockBytes, _blockSize, _writeAt) = (index, blocks, blockBytes, blockSize, writeAt);
        _slotBytes = SlotBytesFor(blockBytes);
        _recordBytes = DiskRecord.BytesFor(blockSize);
    }

    /// <summary>Bytes of disk that a block takes, its record included.</summary>
    public static long BytesPerBlock(int blockBytes, int blockSize) => SlotBytesFor(blockBytes) + DiskRecord.BytesFor(blockSize);

    /// <summary>Opens the folder's files, or begins new ones where there are none or they are of another model or version.</summary>
    /// <param name="writeAt">Null: the system's.</param>
    /// <exception cref="IOException">The folder cannot be written to, or another engine has it.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written to.</exception>
    public static DiskFiles Open(string folder, string fingerprint, int blockBytes, int blockSize, BlockWrite? writeAt = null)
    {
        Directory.CreateDirectory(folder);
        byte[] header = Header(fingerprint, blockBytes, blockSize);
        string path = Path.Combine(folder, IndexName);
        SafeFileHandle? index = null;
        try
        {
            index = OpenIndex(path, header, out bool isNew);
            SafeFileHandle blocks = File.OpenHandle(
                Path.Combine(folder, BlocksName), isNew ? FileMode.Create : FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
            return new DiskFiles(index, blocks, blockBytes, blockSize, writeAt ?? RandomAccess.Write);
        }
        catch
        {
            index?.Dispose();
            throw;
        }
    }

    /// <summary>All whole records, in the order of their slots; slots beyond the budget are cut off the files.</summary>
    public IEnumerable<(int Slot, DiskRecord Record)> Scan(int maxSlots)
    {
        long length = Math.Min(RandomAccess.GetLength(_index), HeaderBytes + ((long)maxSlots * _recordBytes));
        int slots = (int)((length - HeaderBytes) / _recordBytes);
        RandomAccess.SetLength(_index, HeaderBytes + ((long)slots * _recordBytes));
        RandomAccess.SetLength(_blocks, Math.Min(RandomAccess.GetLength(_blocks), slots * _slotBytes));
        int perRead = Math.Max(1, (1 << 20) / _recordBytes);
        byte[] chunk = new byte[perRead * _recordBytes];
        for (int first = 0; first < slots; first += perRead)
        {
            int read = ReadAll(_index, chunk, RecordOffset(first));
            for (int index = 0; index < Math.Min(read / _recordBytes, slots - first); index++)
            {
                if (DiskRecord.TryRead(chunk.AsSpan(index * _recordBytes, _recordBytes), first + index, out DiskRecord record))
                {
                    yield return (first + index, record);
                }
            }
        }
    }

    /// <summary>Writes a block and then its record.</summary>
    public void Write(int slot, in DiskRecord record, ReadOnlySpan<byte> bytes)
    {
        _writeAt(_blocks, bytes, slot * _slotBytes);
        WriteRecord(slot, record);
    }

    public void WriteRecord(int slot, in DiskRecord record)
    {
        Span<byte> bytes = _recordBytes <= 1024 ? stackalloc byte[1024] : new byte[_recordBytes];
        record.Write(bytes[.._recordBytes], slot);
        _writeAt(_index, bytes[.._recordBytes], RecordOffset(slot));
    }

    /// <summary>Empties a slot: after this its block is not found again, by a later start either.</summary>
    public void Clear(int slot) => _writeAt(_index, new byte[_recordBytes], RecordOffset(slot));

    /// <returns>False when the slot does not hold what was written there.</returns>
    public bool TryRead(int slot, Prefix.BlockKey key, ulong checksum, Span<byte> bytes) =>
        ReadAll(_blocks, bytes, slot * _slotBytes) == _blockBytes && DiskRecord.ChecksumOf(key, bytes) == checksum;

    public void Dispose()
    {
        _blocks.Dispose();
        _index.Dispose();
    }

    private long RecordOffset(int slot) => HeaderBytes + ((long)slot * _recordBytes);

    private static long SlotBytesFor(int blockBytes) => (blockBytes + SlotAlignment - 1L) / SlotAlignment * SlotAlignment;

    private static SafeFileHandle OpenIndex(string path, byte[] header, out bool isNew)
    {
        isNew = false;
        if (File.Exists(path))
        {
            SafeFileHandle known = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            Span<byte> found = stackalloc byte[HeaderBytes];
            if (ReadAll(known, found, 0) == HeaderBytes && found.SequenceEqual(header))
            {
                return known;
            }

            known.Dispose();
        }

        isNew = true;
        string temporary = path + ".new";
        File.WriteAllBytes(temporary, header);
        File.Move(temporary, path, overwrite: true);
        return File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
    }

    /// <summary>Magic 8, version 4, tokens per block 4, bytes per block 8, SHA-256 of the fingerprint 32, XxHash3 of all that 8.</summary>
    private static byte[] Header(string fingerprint, int blockBytes, int blockSize)
    {
        byte[] header = new byte[HeaderBytes];
        "CPKVTIER"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), blockSize);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(16), blockBytes);
        SHA256.HashData(Encoding.UTF8.GetBytes(fingerprint), header.AsSpan(24));
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(56), XxHash3.HashToUInt64(header.AsSpan(0, 56)));
        return header;
    }

    private static int ReadAll(SafeFileHandle file, Span<byte> target, long offset)
    {
        int total = 0;
        while (total < target.Length && RandomAccess.Read(file, target[total..], offset + total) is > 0 and int read)
        {
            total += read;
        }

        return total;
    }
}
