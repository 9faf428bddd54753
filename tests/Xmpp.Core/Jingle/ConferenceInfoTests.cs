using Parley.Xmpp.Core.Coin;

namespace Parley.Xmpp.Core.Tests.Jingle;

public class ConferenceInfoTests
{
    [Fact]
    public void State_is_written_as_RFC_4575_has_it_and_read_again()
    {
        var info = new ConferenceInfo("xmpp:room@calls.example.org", 7,
        [
            new ConferenceUser("xmpp:ann@example.org/web", "Ann", "p1",
            [
                new ConferenceMedia("a0", "audio", null, 123, "sendrecv"), new ConferenceMedia(null, "video", "slides", null, "inactive"),
            ]),
        ]);
        var written = info.ToElement();
        Assert.Equal("<conference-info xmlns='urn:ietf:params:xml:ns:conference-info' entity='xmpp:room@calls.example.org' state='full' version='7'><users><user entity='xmpp:ann@example.org/web' state='full'><display-text>Ann</display-text><endpoint entity='p1'><media id='a0'><type>audio</type><src-id>123</src-id><status>sendrecv</status></media><media><type>video</type><label>slides</label><status>inactive</status></media></endpoint></user></users></conference-info>", written.ToString());
        Assert.True(ConferenceInfo.TryRead(JingleFixtures.Read(written.ToString()), out var read));
        Assert.Equal(written.ToString(), read.ToElement().ToString());
    }

    [Fact]
    public void The_focus_marker_names_the_people_that_a_session_is_about()
    {
        Assert.Equal("<conference-info xmlns='urn:xmpp:coin:1' isfocus='true'/>", ConferenceInfo.FocusMarker().ToString());
        Assert.Equal("<conference-info xmlns='urn:xmpp:coin:1' isfocus='true'><users><user entity='xmpp:bob@example.org'/></users></conference-info>", ConferenceInfo.FocusMarker(["xmpp:bob@example.org"]).ToString());
    }
}
