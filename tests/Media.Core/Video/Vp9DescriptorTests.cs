using Parley.Media.Core.Rtp;

namespace Parley.tests.Media.Core.Video;

public class Vp9DescriptorTests
{
    [Theory]
    [InlineData("08 FF", 1, true, true, false, 0)] // B alone
    [InlineData("88 05 FF", 2, true, true, false, 0)] // I with 7 bits
    [InlineData("8C 92 34 FF", 3, true, true, true, 0)] // I with 15 bits, B, E
    [InlineData("E4 80 01 04 07 FF", 5, false, false, true, 2)] // I, P, L (SID 2, TL0PICIDX), E
    [InlineData("F8 80 01 02 03 02 FF", 6, false, true, false, 1)] // flexible: no TL0PICIDX, two references
    [InlineData("AA 01 00 00 18 01 40 00 B4 01 44 01 FF", 12, true, true, false, 0)] // V: a size, a group of one picture with one reference
    public void Descriptors_are_read(string hex, int length, bool isIntra, bool starts, bool ends, int layer)
    {
        Assert.True(Vp9Descriptor.TryParse(Convert.FromHexString(hex.Replace(" ", "")), out var d));
        Assert.Equal((length, !isIntra, starts, ends, layer), (d.Length, d.IsInterPicture, d.StartsFrame, d.EndsFrame, d.SpatialLayer));
    }

    [Theory]
    [InlineData("")]
    [InlineData("08")] // nothing after it
    [InlineData("80 01")] // a picture id and no data
    [InlineData("88 80")] // half a picture id
    [InlineData("28 00 00")] // a layer, TL0PICIDX and no data
    [InlineData("0A")] // a structure that is not there
    [InlineData("0A 08 05 0C FF")] // a group that is longer than the packet
    [InlineData("0A F8 01 02 03")] // sizes of eight layers that are not there
    public void What_is_cut_off_or_too_long_is_refused(string hex) => Assert.False(Vp9Descriptor.TryParse(Convert.FromHexString(hex.Replace(" ", "")), out _));
}
