using CacheProxy.Ledger.Files;

namespace CacheProxy.Tests.Ledger.Files;

public class KeyNamesTests
{
    [Theory]
    [InlineData("", 1)]
    [InlineData("00112233445566778899aabbccddeeff", 17)]
    [InlineData("0123456789abcdef", 9)]
    [InlineData("abc", 4)]
    [InlineData("AB", 3)]
    [InlineData("müller", 8)]
    public void Name_Packed_ComesBack(string name, int bytes)
    {
        byte[] packed = KeyNames.Pack(name);

        Assert.Equal((bytes, name), (packed.Length, KeyNames.Unpack(packed)));
    }

    [Fact]
    public void Dictionary_AskedWithBytes_FindsTheName()
    {
        var names = new Dictionary<byte[], int>(KeyNames.Comparer) { [KeyNames.Pack("ab")] = 1, [KeyNames.Pack("AB")] = 2 };
        Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> lookup = names.GetAlternateLookup<ReadOnlySpan<byte>>();
        lookup[KeyNames.Pack("AB")]++;
        lookup[KeyNames.Pack("")] = 4;

        Assert.Equal((1, 3, 4), (names[KeyNames.Pack("ab")], names[KeyNames.Pack("AB")], names[KeyNames.Rest]));
    }
}
