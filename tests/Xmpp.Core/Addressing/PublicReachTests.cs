using System.Net;
using Parley.Xmpp.Core.Addressing;

namespace Parley.tests.Xmpp.Core.Addressing;

public sealed class PublicReachTests
{
    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("10.0.0.1", true)]
    [InlineData("172.15.255.255", false)]
    [InlineData("172.16.0.1", true)]
    [InlineData("172.32.0.1", false)]
    [InlineData("192.168.1.1", true)]
    [InlineData("192.167.1.1", false)]
    [InlineData("169.254.169.254", true)]
    [InlineData("100.64.0.1", true)]
    [InlineData("100.128.0.1", false)]
    [InlineData("8.8.8.8", false)]
    [InlineData("::1", true)]
    [InlineData("fe80::1", true)]
    [InlineData("fd00::1", true)]
    [InlineData("2a00:1450::1", false)]
    [InlineData("::ffff:10.0.0.1", true)]
    [InlineData("::ffff:8.8.8.8", false)]
    public void Addresses_without_meaning_outside_are_told(string address, bool isPrivate) => Assert.Equal(isPrivate, PublicReach.IsPrivate(IPAddress.Parse(address)));

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2a00:1450::1", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("0.0.0.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("ff02::1", false)]
    public void Addresses_that_a_public_host_can_have_are_told(string address, bool isPublic) => Assert.Equal(isPublic, PublicReach.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("chat.example.org", true)]
    [InlineData("localhost", false)]
    [InlineData("chat.localhost", false)]
    [InlineData("chat.test", false)]
    [InlineData("CHAT.LOCAL", false)]
    [InlineData("chat.example", true)]
    [InlineData("192.0.2.1", false)]
    public void Names_that_public_resolvers_cannot_know_are_told(string domain, bool isPublic) => Assert.Equal(isPublic, PublicReach.IsPublicDomain(domain));
}
