using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using CacheProxy.Inference.Prefix;

namespace CacheProxy.Inference.Tiers;

/// <summary>What the index file says of one slot of the block file.</summary>
/// <remarks>
/// Little-endian: key 16, parent 16, root 16, stamp 8, priority 8, depth 4, uses 4, checksum of the block's bytes 8, tokens 4 each, then
/// XxHash3 of all that with the slot as its seed, 8. Zeros throughout: the slot is empty.
/// </remarks>
internal readonly record struct DiskRecord(
    BlockKey Key, BlockKey Parent, BlockKey Root, long Stamp, long Priority, int Depth, int Uses, ulong Checksum, int[] Tokens)
{
    private const int FixedBytes = 80;

    public static int BytesFor(int blockSize) => FixedBytes + (blockSize * sizeof(int)) + sizeof(ulong);

    public static DiskRecord Of(TierEntry entry, ulong checksum) =>
        new(entry.Key, entry.Parent, entry.Root, entry.Stamp, entry.Priority, entry.Depth, entry.Uses, checksum, entry.Tokens);

    /// <summary>The checksum of a block's bytes. The key is part of it, so that the bytes of another block never pass.</summary>
    public static ulong ChecksumOf(BlockKey key, ReadOnlySpan<byte> bytes) => XxHash3.HashToUInt64(bytes, (long)(key.High ^ key.Low));

    /// <param name="target">[BytesFor(Tokens.Length)].</param>
    public void Write(Span<byte> target, int slot)
    {
        Key.Write(target);
        Parent.Write(target[16..]);
        Root.Write(target[32..]);
        BinaryPrimitives.WriteInt64LittleEndian(target[48..], Stamp);
        BinaryPrimitives.WriteInt64LittleEndian(target[56..], Priority);
        BinaryPrimitives.WriteInt32LittleEndian(target[64..], Depth);
        BinaryPrimitives.WriteInt32LittleEndian(target[68..], Uses);
        BinaryPrimitives.WriteUInt64LittleEndian(target[72..], Checksum);
        MemoryMarshal.AsBytes<int>(Tokens).CopyTo(target[FixedBytes..]);
        BinaryPrimitives.WriteUInt64LittleEndian(target[^sizeof(ulong)..], XxHash3.HashToUInt64(target[..^sizeof(ulong)], slot));
    }

    /// <returns>False when the slot is empty or its record damaged.</returns>
    public static bool TryRead(ReadOnlySpan<byte> source, int slot, out DiskRecord record)
    {
        record = default;
        BlockKey key = BlockKey.Read(source);
        if (key.IsNone || BinaryPrimitives.ReadUInt64LittleEndian(source[^sizeof(ulong)..]) != XxHash3.HashToUInt64(source[..^sizeof(ulong)], slot))
        {
            return false;
        }

        record = new DiskRecord(
            key, BlockKey.Read(source[16..]), BlockKey.Read(source[32..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[48..]), BinaryPrimitives.ReadInt64LittleEndian(source[56..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[64..]), BinaryPrimitives.ReadInt32LittleEndian(source[68..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[72..]),
            MemoryMarshal.Cast<byte, int>(source[FixedBytes..^sizeof(ulong)]).ToArray());
        return true;
    }
}
