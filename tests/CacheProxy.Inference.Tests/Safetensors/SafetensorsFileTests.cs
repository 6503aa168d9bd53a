using CacheProxy.Inference.Safetensors;
using CacheProxy.Inference.Tests.Gguf;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Tests.Safetensors;

public sealed class SafetensorsFileTests
{
    private const string Sound = """{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"U8","shape":[8],"data_offsets":[24,32]}}""";

    public static TheoryData<string, string, string> BadHeaders => new()
    {
        { "[1]", "header", "is not a JSON object" },
        { "{", "header", "is not valid JSON" },
        { "{} x", "header", "is not valid JSON" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\ud800":{}}""", "header", "is not valid JSON" },
        { Replace("F32", "F33"), "a", "has the unknown dtype 'F33'" },
        { Replace("\"F32\"", "11"), "a", "has the unknown dtype" },
        { Replace("[2,3]", "[2,4]"), "a", "is F32 [2, 4] in 24 bytes" },
        { Replace("[2,3]", "[9223372036854775807,9223372036854775807,9223372036854775807,8]"), "a", "in 24 bytes" },
        { Replace("[2,3]", "[-2,-3]"), "a", "shape is not an array of at most 8 whole numbers" },
        { Replace("[2,3]", "[1,1,1,1,1,1,1,2,3]"), "a", "shape is not an array of at most 8 whole numbers" },
        { Replace("[2,3]", "6"), "a", "shape is not an array" },
        { Replace("[0,24]", "[24,0]"), "a", "lies at bytes 24 to 0 of 32" },
        { Replace("[24,32]", "[24,33]"), "b", "lies at bytes 24 to 33 of 32" },
        { Replace("[24,32]", "[24,18446744073709551615]"), "b", "data_offsets is not an array" },
        { Replace("[24,32]", "[20,28]"), "b", "begins at byte" },
        { Replace("\"b\"", "\"a\""), "a", "occurs twice" },
        { Replace(",\"b\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[24,32]}", ""), "data", "but the file has" },
        { Replace("\"shape\":[8],", ""), "b", "lacks dtype, shape or data_offsets" },
        { Replace("\"shape\":[8],", "\"shape\":[8],\"x\":1,"), "b", "has the unknown field 'x'" },
    };

    [Fact]
    public void Open_SoundFile_FindsEveryTensor()
    {
        using var saved = new TemporaryFile(SafetensorsWriter.WithHeader(Sound, [.. Enumerable.Range(0, 32).Select(i => (byte)i)]));
        using SafetensorsFile sut = SafetensorsFile.Open(saved.Path);
        Assert.Equal(["a", "b"], sut.Tensors.Keys);
        Assert.Equal((SafetensorsType.F32, 6, 24), (sut.Tensors["a"].Type, sut.Tensors["a"].Count, sut.Tensors["a"].ByteLength));
        Assert.Equal([26, 27, 28], sut.GetBytes(sut.Tensors["b"], 2, 3).ToArray());
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 9)]
    [InlineData(8, 1)]
    [InlineData(2, -1)]
    public void GetBytes_OutsideTheTensor_Throws(long first, int count)
    {
        using var saved = new TemporaryFile(SafetensorsWriter.WithHeader(Sound, new byte[32]));
        using SafetensorsFile sut = SafetensorsFile.Open(saved.Path);
        Assert.Throws<ArgumentOutOfRangeException>(() => sut.GetBytes(sut.Tensors["b"], first, count).Length);
    }

    [Theory]
    [MemberData(nameof(BadHeaders))]
    public void Open_BadHeader_NamesFileAndTensor(string header, string field, string problem)
    {
        using var saved = new TemporaryFile(SafetensorsWriter.WithHeader(header, new byte[32]));
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => SafetensorsFile.Open(saved.Path));
        Assert.Equal((saved.Path, field), (error.File, error.Field));
        Assert.Contains(problem, error.Message);
    }

    [Theory]
    [InlineData(0, "length")]
    [InlineData(7, "header length")]
    [InlineData(8, "header length")]
    [InlineData(60, "header length")]
    [InlineData(-1, "b")]
    public void Open_Truncated_SaysWhere(int length, string field)
    {
        byte[] whole = SafetensorsWriter.WithHeader(Sound, new byte[32]);
        using var saved = new TemporaryFile(whole[..(length < 0 ? whole.Length + length : length)]);
        Assert.Equal(field, Assert.Throws<ModelFormatException>(() => SafetensorsFile.Open(saved.Path)).Field);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(long.MaxValue)]
    [InlineData(1ul << 40)]
    public void Open_HugeHeaderLength_IsRefused(ulong length)
    {
        byte[] file = SafetensorsWriter.WithHeader(Sound, new byte[32]);
        BitConverter.TryWriteBytes(file, length);
        using var saved = new TemporaryFile(file);
        Assert.Equal("header length", Assert.Throws<ModelFormatException>(() => SafetensorsFile.Open(saved.Path)).Field);
    }

    private static string Replace(string old, string with) => Sound.Replace(old, with, StringComparison.Ordinal);
}
