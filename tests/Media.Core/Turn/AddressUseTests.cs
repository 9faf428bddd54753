using Parley.Media.Core.Turn;

namespace Parley.tests.Media.Core.Turn;

public sealed class AddressUseTests
{
    [Fact]
    public void An_address_has_its_bound_and_an_IPv6_site_one_together()
    {
        var use = new AddressUse(2, 100);
        Assert.True(use.TryTake(TurnWorld.Bits("192.0.2.1")));
        Assert.True(use.TryTake(TurnWorld.Bits("192.0.2.1")));
        Assert.False(use.TryTake(TurnWorld.Bits("192.0.2.1")));
        Assert.True(use.TryTake(TurnWorld.Bits("192.0.2.2")));
        Assert.True(use.TryTake(TurnWorld.Bits("2001:db8::1")));
        Assert.True(use.TryTake(TurnWorld.Bits("2001:db8::2")));
        Assert.False(use.TryTake(TurnWorld.Bits("2001:db8::3")));
        Assert.True(use.TryTake(TurnWorld.Bits("2001:db8:0:1::3")));
        Assert.Equal(6, use.Count);
        use.Release(TurnWorld.Bits("192.0.2.1"));
        Assert.True(use.TryTake(TurnWorld.Bits("192.0.2.1")));
    }

    [Fact]
    public void All_together_have_a_bound_that_loopback_counts_to()
    {
        var use = new AddressUse(1, 3);
        for (var i = 0; i < 3; i++) Assert.True(use.TryTake(TurnWorld.Bits("127.0.0.1")));
        Assert.False(use.TryTake(TurnWorld.Bits("127.0.0.1")));
        Assert.False(use.TryTake(TurnWorld.Bits("192.0.2.1")));
        use.Release(TurnWorld.Bits("127.0.0.1"));
        Assert.True(use.TryTake(TurnWorld.Bits("192.0.2.1")));
        use.Release(TurnWorld.Bits("192.0.2.1"));
        Assert.Throws<InvalidOperationException>(() => use.Release(TurnWorld.Bits("192.0.2.1")));
    }

    [Fact]
    public void Many_threads_leave_it_empty()
    {
        var use = new AddressUse(5, 20);
        Parallel.For(0, 20_000, i =>
        {
            var address = TurnWorld.Bits($"192.0.2.{i % 7}");
            if (!use.TryTake(address)) return;
            Assert.InRange(use.Count, 1, 40); // those that are being refused are seen for a moment
            use.Release(address);
        });
        Assert.Equal(0, use.Count);
        for (var i = 0; i < 5; i++) Assert.True(use.TryTake(TurnWorld.Bits("192.0.2.1")));
        Assert.False(use.TryTake(TurnWorld.Bits("192.0.2.1")));
    }
}
