using Parley.Media.Core.Audio;

namespace Parley.tests.Media.Core.Audio;

public sealed class AudioJitterBufferTests
{
    private readonly AudioJitterBuffer _buffer = new(48_000);

    [Fact]
    public void Packets_come_out_in_order_whatever_order_they_came_in()
    {
        foreach (var i in new[] { 1, 0, 2, 4, 3 }) Put(i, 100 + i);
        Assert.Equal(["P0", "P1", "P2", "P3", "P4", "N"], Take(6));
    }

    [Fact]
    public void Playing_begins_with_a_reserve_that_grows_with_the_jitter()
    {
        Assert.Equal(20, _buffer.TargetMs);
        for (var i = 0; i < 64; i++)
        {
            Put(i, i * 20 + (i % 2 == 0 ? 0 : 60));
            Take(1);
        }

        Assert.InRange(_buffer.TargetMs, 75, 85);
    }

    [Fact]
    public void What_is_missing_is_told_with_its_successor_while_that_is_here()
    {
        Put(0, 0);
        Put(2, 40);
        Put(5, 100);
        Assert.Equal(["P0", "L2", "P2", "L", "L5", "P5", "N"], Take(7));
        Assert.Equal(3, _buffer.Missed);
    }

    [Fact]
    public void What_comes_too_late_or_twice_is_not_kept()
    {
        Put(0, 0);
        Put(2, 40);
        Take(2);
        Assert.False(Put(1, 60));
        Assert.False(Put(2, 60));
        Assert.Equal(1, _buffer.Late);
        Assert.False(_buffer.Put(3, 0, 0, new byte[AudioJitterBuffer.MaxPayload + 1], 960, 80));
        Assert.False(_buffer.Put(3, 0, 0, [1], 0, 80));
    }

    [Fact]
    public void A_pause_between_packets_that_are_here_is_played_as_long_as_it_was()
    {
        Put(0, 0);
        _buffer.Put(1, 960 * 4, 111, [1], 960, 80);
        Assert.Equal(["P0", "Z", "Z", "Z", "P1"], Take(5));
    }

    [Fact]
    public void After_running_dry_a_sender_that_goes_on_where_it_was_is_played_at_once()
    {
        Put(0, 0);
        Assert.Equal(["P0", "N", "N"], Take(3));
        Put(1, 60);
        Assert.Equal(["P1"], Take(1));
        // One that had paused begins anew, however long that was, without a silence for what was silence already.
        Assert.Equal(["N"], Take(1));
        _buffer.Put(2, 48_000 * 30, 111, [2], 960, 30_000);
        _buffer.Put(3, 48_000 * 30 + 960, 111, [3], 960, 30_020);
        _buffer.Put(4, 48_000 * 30 + 1920, 111, [4], 960, 30_040);
        Assert.Equal(["P2", "P3", "P4"], Take(3));
    }

    [Fact]
    public void A_jump_of_the_numbers_begins_anew_and_what_nobody_takes_overflows_at_the_old_end()
    {
        Put(0, 0);
        Take(1);
        _buffer.Put(70_000, 4_000_000_000, 111, [7], 960, 20);
        Assert.Equal(["P7"], Take(1));
        for (var i = 1; i <= 200; i++) _buffer.Put(70_000 + i, (uint)(4_000_000_000 + i * 960), 111, [(byte)i], 960, 20 + i);
        Assert.Equal("P" + (200 - 63), Take(1)[0]);
    }

    [Fact]
    public void The_surplus_of_a_second_is_known_after_it()
    {
        for (var i = 0; i < 10; i++) Put(i, 200); // all at once: far more than is wanted
        for (var i = 10; i < 300; i++)
        {
            _buffer.Tick();
            Take(1);
            Put(i, i * 20);
        }

        Assert.InRange(_buffer.SurplusMs, 140, 180);
        _buffer.NoteStretched();
        Assert.Equal(0, _buffer.SurplusMs);
    }

    [Fact]
    public void Nothing_is_allocated_per_packet()
    {
        var i = 0;
        Assert.Equal(0, Allocations.Least(() =>
        {
            _buffer.Put(i, (uint)(i * 960), 111, "x"u8, 960, i * 20);
            i++;
            _buffer.Tick();
            _buffer.Take(out _, out _, out _);
        }));
    }

    private bool Put(int number, long nowMs) => _buffer.Put(number, (uint)(number * 960), 111, [(byte)number], 960, nowMs);

    private List<string> Take(int count)
    {
        var taken = new List<string>();
        for (var i = 0; i < count; i++)
        {
            var piece = _buffer.Take(out var payload, out _, out _);
            taken.Add((piece switch { AudioPiece.Packet => "P", AudioPiece.Lost => "L", AudioPiece.Pause => "Z", _ => "N" }) + (payload.IsEmpty ? "" : $"{payload[0]}"));
        }

        return taken;
    }
}
