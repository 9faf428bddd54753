using NSubstitute;
using Parley.Media.Core.Turn;
using Parley.Plugin.Abstractions;
using Parley.Plugins.MediaRelay;

namespace Parley.tests.Plugins.MediaRelay;

public sealed class TurnKeysTests
{
    [Fact]
    public void Whom_any_source_knows_is_a_user_and_whom_one_has_revoked_is_none()
    {
        var sources = Substitute.For<IContributions<ITurnKeySource>>();
        var keys = new TurnKeys(sources, TimeProvider.System);
        sources.Items.Returns([]);
        Assert.Null(keys.Find("ann"));

        ITurnKeySource Source(TurnKey key)
        {
            var source = Substitute.For<ITurnKeySource>();
            source.Find("ann", Arg.Any<DateTimeOffset>()).Returns(key);
            return source;
        }

        var (unknown, expired) = (Source(new(TurnKeyState.Unknown)), Source(new(TurnKeyState.Expired, "pw", "ann@x")));
        var valid = Source(new(TurnKeyState.Valid, "pw", "ann@x", IsGuest: true, "room:tea@x"));
        sources.Items.Returns([unknown, valid]);
        Assert.Equal(new TurnAccount("pw", "ann@x", true, "room:tea@x"), keys.Find("ann"));
        sources.Items.Returns([expired, valid]);
        Assert.Null(keys.Find("ann"));
        sources.Items.Returns([unknown]);
        Assert.Null(keys.Find("ann"));
    }
}
