using Parley.Media.Core.Stun;
using Parley.Media.Core.Turn;

namespace Parley.tests.Media.Core.Turn;

public sealed class TurnBindingTests
{
    private readonly TurnWorld _world = new();

    [Theory]
    [InlineData("203.0.114.5:4000", false, 32)]
    [InlineData("[2a00::5]:4000", true, 52)]
    public void A_binding_tells_the_address_and_nothing_else(string from, bool fingerprint, int length)
    {
        var answer = _world.Client(from: from, fingerprint: fingerprint).AskOnce(StunMethod.Binding, null);
        Assert.Equal(0, answer.Code);
        Assert.Equal(TurnWorld.At(from), answer.Mapped);
        Assert.Equal(fingerprint ? [StunAttribute.XorMappedAddress, StunAttribute.Fingerprint] : [StunAttribute.XorMappedAddress], answer.Attributes);
        Assert.Equal(length, answer.Bytes.Length);
    }

    [Fact]
    public void Unknown_attributes_are_named_as_far_as_there_is_room()
    {
        var answer = _world.Client(fingerprint: true).AskOnce(StunMethod.Binding, (ref StunWriter w) =>
        {
            for (ushort i = 0; i < 200; i++) w.AddFlag((StunAttribute)(0x7000 + i));
        });
        Assert.Equal(420, answer.Code);
        Assert.Equal(16, answer.Get(StunAttribute.UnknownAttributes).Length);
        Assert.True(answer.Bytes.Length <= TurnServer.MaxUnauthenticated);
    }

    [Fact]
    public void Only_requests_are_answered()
    {
        foreach (var @class in new[] { StunClass.Indication, StunClass.Success, StunClass.Error })
        {
            foreach (var method in Enum.GetValues<StunMethod>())
            {
                var writer = new StunWriter(new byte[100], @class, method, new byte[12]);
                Assert.Null(_world.Workers[0].Ask("203.0.114.5:4000", writer.Written.ToArray()));
            }
        }

        foreach (var method in new[] { StunMethod.Send, StunMethod.Data, (StunMethod)0x00a, (StunMethod)0x7f })
            Assert.Null(_world.Workers[0].Ask("203.0.114.5:4000", _world.Client().Request(method, null)));
    }

    [Fact]
    public void A_wrong_fingerprint_is_no_stun()
    {
        var request = _world.Client(fingerprint: true).Request(StunMethod.Binding, null);
        request[^1] ^= 1;
        Assert.Null(_world.Workers[0].Ask("203.0.114.5:4000", request));
        Assert.Equal(1, _world.Workers[0].Server.Counters.Malformed);
    }
}
