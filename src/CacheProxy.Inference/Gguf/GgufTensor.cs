namespace CacheProxy.Inference.Gguf;

/// <summary>One tensor's place and shape; the bytes stay in the mapped file.</summary>
/// <param name="Name">For example <c>blk.0.attn_q.weight</c>.</param>
/// <param name="Type">Weight format of every row.</param>
/// <param name="Columns">Weights of one row: the contiguous dimension, the input of a projection.</param>
/// <param name="Rows">All other dimensions multiplied: the outputs of a projection; 1 for a vector.</param>
/// <param name="Offset">Bytes from the start of the file.</param>
/// <param name="ByteLength">Bytes of all rows.</param>
public sealed record GgufTensor(string Name, GgufTensorType Type, int Columns, int Rows, long Offset, long ByteLength)
{
    public long RowBytes => ByteLength / Rows;
}
