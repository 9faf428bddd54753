using System.Text;
using Parley.Media.Core.Rtcp;

namespace Parley.tests.Media.Core.Rtcp;

public class RtcpTests
{
    [Fact]
    public void A_compound_is_read_as_written()
    {
        var writer = new RtcpWriter(new byte[1500]);
        writer.AddSenderReport(new(1, 0x0102030405060708, 99, 10, 1000));
        writer.AddReportBlock(new(7, 128, -3, 70_000, 5, 6, 8));
        writer.AddReportBlock(new(8, 1, 0x7FFFFF, 1, 2, 3, 4));
        writer.AddSourceDescription(1, "cname"u8);
        writer.AddPictureLoss(1, 7);
        writer.AddFullIntraRequest(1, 8, 200);
        writer.AddMaxBitrate(1, 1_234_567_890, [7, 8]);
        writer.AddBye(1);
        Assert.False(writer.HasOverflowed);
        var reader = RtcpReader.Read(writer.Written);

        Assert.True(reader.MoveNext());
        Assert.Equal(RtcpKind.SenderReport, reader.Current.Kind);
        Assert.Equal(new SenderReport(1, 0x0102030405060708, 99, 10, 1000), reader.Current.SenderReport);
        Assert.Equal(2, reader.Current.ReportBlockCount);
        Assert.Equal(new ReportBlock(7, 128, -3, 70_000, 5, 6, 8), reader.Current.ReportBlock(0));
        Assert.Equal(new ReportBlock(8, 1, 0x7FFFFF, 1, 2, 3, 4), reader.Current.ReportBlock(1));
        Assert.True(reader.MoveNext());
        Assert.Equal(RtcpKind.SourceDescription, reader.Current.Kind);
        Assert.Equal("cname", Encoding.ASCII.GetString(reader.Current.Body.Slice(6, 5)));
        Assert.True(reader.MoveNext());
        Assert.Equal((RtcpKind.PictureLoss, 1u, 7u), (reader.Current.Kind, reader.Current.SenderSsrc, reader.Current.MediaSsrc));
        Assert.True(reader.MoveNext());
        Assert.Equal((RtcpKind.FullIntraRequest, 1, 8u), (reader.Current.Kind, reader.Current.FullIntraRequestCount, reader.Current.FullIntraRequestSsrc(0)));
        Assert.True(reader.MoveNext());
        Assert.Equal(RtcpKind.MaxBitrate, reader.Current.Kind);
        Assert.InRange(reader.Current.MaxBitrate, 1_234_560_000ul, 1_234_567_890ul);
        Assert.True(reader.MoveNext());
        Assert.Equal((RtcpKind.Bye, 1, 1u), (reader.Current.Kind, reader.Current.ByeCount, reader.Current.ByeSsrc(0)));
        Assert.False(reader.MoveNext());
    }

    [Theory]
    [InlineData(new ushort[] { 5 })]
    [InlineData(new ushort[] { 65530, 65535, 0, 10 })]
    [InlineData(new ushort[] { 1, 2, 17, 18, 19, 400, 5000, 5016, 5017 })]
    public void A_nack_names_what_was_lost(ushort[] lost)
    {
        var writer = new RtcpWriter(new byte[200]);
        writer.AddNack(1, 2, lost);
        var reader = RtcpReader.Read(writer.Written);
        Assert.True(reader.MoveNext());
        Assert.Equal((RtcpKind.Nack, 2u), (reader.Current.Kind, reader.Current.MediaSsrc));
        var read = new List<ushort>();
        Span<ushort> some = stackalloc ushort[17];
        for (var i = 0; i < reader.Current.NackCount; i++) read.AddRange(some[..reader.Current.ReadNack(i, some)]);
        Assert.Equal(lost, read);
    }

    [Fact]
    public void What_does_not_fit_is_left_out()
    {
        var writer = new RtcpWriter(new byte[19]);
        writer.AddReceiverReport(1);
        writer.AddPictureLoss(1, 2);
        Assert.True(writer.HasOverflowed);
        Assert.Equal(8, writer.Length);
    }

    [Fact]
    public void A_packet_longer_than_the_datagram_ends_the_reading()
    {
        var writer = new RtcpWriter(new byte[100]);
        writer.AddReceiverReport(1);
        writer.AddPictureLoss(1, 2);
        var reader = RtcpReader.Read(writer.Written[..^1]);
        Assert.True(reader.MoveNext());
        Assert.False(reader.MoveNext());
    }
}
