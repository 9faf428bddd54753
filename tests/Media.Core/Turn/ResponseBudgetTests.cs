using System.Net;
using Parley.Media.Core.Turn;

namespace Parley.tests.Media.Core.Turn;

public sealed class ResponseBudgetTests
{
    private readonly ResponseBudget _budget = new(new UInt128(1, 2));

    [Theory]
    [InlineData("203.0.113.1", "203.0.113.254", "203.0.112.1")]
    [InlineData("2a00:1:2:300::1", "2a00:1:2:3ff::1", "2a00:1:2:400::1")]
    public void A_network_has_a_burst_of_2000_then_1000_a_second_and_others_have_their_own(string one, string neighbour, string other)
    {
        Assert.Equal(2000, Taken(one, 5000, 100));
        Assert.Equal(0, Taken(neighbour, 10, 100));
        Assert.Equal(10, Taken(other, 10, 100));
        Assert.Equal(1000, Taken(neighbour, 5000, 1100));
        Assert.Equal(2000, Taken(one, 5000, 10_000)); // never more than the burst
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::ffff:127.8.8.8")]
    [InlineData("::1")]
    public void Loopback_is_not_limited(string address) => Assert.Equal(10_000, Taken(address, 10_000, 0));

    [Fact]
    public void Many_networks_never_let_one_have_more_than_its_share()
    {
        var budget = new ResponseBudget(new UInt128(3, 4), sets: 1);
        var random = new Random(11);
        var answered = new int[64];
        for (var i = 0; i < 400_000; i++)
        {
            var n = random.Next(answered.Length);
            if (budget.TryTake(AddressBits.OfIPv4((uint)(0x08000000 | (n << 8))), i / 400)) answered[n]++; // 400 a millisecond for a second
        }

        Assert.All(answered, count => Assert.InRange(count, 0, 3000));
        Assert.InRange(answered.Sum(), 1, 4 * 3000);
    }

    private int Taken(string address, int tries, long now)
    {
        var bits = AddressBits.Of(IPAddress.Parse(address));
        return Enumerable.Range(0, tries).Count(_ => _budget.TryTake(bits, now));
    }
}
