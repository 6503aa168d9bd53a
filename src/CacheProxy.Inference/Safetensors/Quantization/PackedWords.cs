using System.Runtime.InteropServices;

namespace CacheProxy.Inference.Safetensors.Quantization;

/// <summary>Small whole numbers in 32-bit words, the first in the lowest bits; as published files hold them, [rows, columns] words.</summary>
/// <param name="Words">An I32 tensor of two dimensions.</param>
/// <param name="Bits">4 or 8.</param>
internal readonly record struct PackedWords(StoredTensor Words, int Bits)
{
    /// <summary>Outputs that one task writes side by side: a cache line of words is read once, and its targets stay in the cache.</summary>
    private const int Tile = 16, WordTile = 4;

    public int PerWord => 32 / Bits;

    private uint Mask => (1u << Bits) - 1;

    /// <summary>Words that go on along their row, [outputs, inputs / PerWord], into codes [outputs, inputs].</summary>
    public byte[] Unpack()
    {
        int rows = Words.Rows, columns = Words.Columns * PerWord;
        byte[] codes = new byte[checked(rows * columns)];
        PackedWords packed = this;
        Parallel.For(0, rows, row =>
        {
            ReadOnlySpan<uint> words = packed.Row(row);
            for (int i = 0, at = row * columns; i < columns; i++)
            {
                codes[at + i] = packed.Code(words[i / packed.PerWord], i % packed.PerWord);
            }
        });
        return codes;
    }

    /// <summary>Words that go on down their column, [inputs / PerWord, outputs], into codes [outputs, inputs].</summary>
    public byte[] UnpackColumns()
    {
        int inputs = Words.Rows * PerWord, outputs = Words.Columns, perWord = PerWord;
        byte[] codes = new byte[checked(inputs * outputs)];
        PackedWords packed = this;
        Parallel.For(0, (outputs + Tile - 1) / Tile, task =>
        {
            for (int row = 0; row < packed.Words.Rows; row++)
            {
                ReadOnlySpan<uint> words = packed.Row(row);
                for (int n = task * Tile; n < Math.Min(outputs, (task + 1) * Tile); n++)
                {
                    Span<byte> target = codes.AsSpan((n * inputs) + (row * perWord), perWord);
                    for (int i = 0; i < perWord; i++)
                    {
                        target[i] = packed.Code(words[n], i);
                    }
                }
            }
        });
        return codes;
    }

    /// <summary>Words that pack outputs, [inputs, outputs / PerWord], into codes [outputs, inputs].</summary>
    /// <param name="order">Place in its word of each of PerWord outputs.</param>
    public byte[] UnpackOutputs(int[] order)
    {
        int inputs = Words.Rows, perWord = PerWord;
        byte[] codes = new byte[checked(inputs * Words.Columns * perWord)];
        PackedWords packed = this;
        Parallel.For(0, (Words.Columns + WordTile - 1) / WordTile, task =>
        {
            for (int k = 0; k < inputs; k++)
            {
                ReadOnlySpan<uint> words = packed.Row(k);
                for (int column = task * WordTile; column < Math.Min(words.Length, (task + 1) * WordTile); column++)
                {
                    for (int j = 0; j < perWord; j++)
                    {
                        codes[(((column * perWord) + j) * inputs) + k] = packed.Code(words[column], order[j]);
                    }
                }
            }
        });
        return codes;
    }

    /// <summary>[groups, outputs / PerWord] into zero points [outputs, groups].</summary>
    /// <param name="order">As in <see cref="UnpackOutputs"/>.</param>
    /// <param name="shift">What is added to each.</param>
    public short[] UnpackZeros(int[] order, int shift) => Array.ConvertAll(UnpackOutputs(order), zero => (short)(zero + shift));

    private byte Code(uint word, int place) => (byte)((word >> (place * Bits)) & Mask);

    private ReadOnlySpan<uint> Row(int row) => MemoryMarshal.Cast<byte, uint>(Words.Bytes((long)row * Words.Columns, Words.Columns));
}
