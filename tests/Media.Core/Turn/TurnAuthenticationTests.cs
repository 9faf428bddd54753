using System.Text;
using Parley.Media.Core.Stun;
using Parley.Media.Core.Turn;

namespace Parley.tests.Media.Core.Turn;

public sealed class TurnAuthenticationTests
{
    private readonly TurnWorld _world = new();

    [Theory]
    [InlineData(StunMethod.Allocate)]
    [InlineData(StunMethod.Refresh)]
    [InlineData(StunMethod.CreatePermission)]
    [InlineData(StunMethod.ChannelBind)]
    public void A_request_without_credentials_is_challenged(StunMethod method)
    {
        var answer = _world.Client().AskOnce(method, null);
        Assert.Equal(401, answer.Code);
        Assert.Equal([StunAttribute.ErrorCode, StunAttribute.Realm, StunAttribute.Nonce, StunAttribute.PasswordAlgorithms], answer.Attributes);
        Assert.Equal(4, answer.Get(StunAttribute.ErrorCode).Length); // no phrase
        Assert.Equal("example.org", Encoding.UTF8.GetString(answer.Get(StunAttribute.Realm)));
        Assert.StartsWith("obMatJos2gAAA", Encoding.UTF8.GetString(answer.Get(StunAttribute.Nonce)), StringComparison.Ordinal);
        Assert.Equal([0, 2, 0, 0, 0, 1, 0, 0], answer.Get(StunAttribute.PasswordAlgorithms));
        Assert.True(answer.Bytes.Length <= TurnServer.MaxUnauthenticated + TurnWorld.Realm.Length);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Both_integrities_are_taken_and_answered_alike_and_the_fingerprint_comes_if_asked(bool sha256, bool fingerprint)
    {
        var answer = _world.Client(sha256: sha256, fingerprint: fingerprint).Allocate();
        Assert.Equal(0, answer.Code); // the client checks the integrity
        Assert.Equal(fingerprint ? StunProof.Valid : StunProof.Missing, answer.Message.CheckFingerprint());
        Assert.DoesNotContain(StunAttribute.Software, answer.Attributes);
    }

    [Fact]
    public void A_former_password_is_right_too_and_signs_the_answers_of_whoever_has_it()
    {
        var world = new TurnWorld();
        world.Users["ann"] = world.Users["ann"] with { Password = "pw-new", FormerPasswords = ["pw-older", "pw-ann"] };
        foreach (var sha256 in (bool[])[false, true])
        {
            var client = world.Client(from: $"203.0.114.5:{(sha256 ? 4001 : 4000)}", sha256: sha256);
            Assert.Equal(0, client.Allocate().Code); // the client checks the answer's integrity by its own password
            world.Users["ann"] = world.Users["ann"] with { FormerPasswords = null };
            Assert.Equal((0, 0), (client.Refresh(600).Code, client.Permit(TurnWorld.At("8.8.8.8:1")).Code)); // what lives goes on
            Assert.Equal(401, world.Client(from: "203.0.114.5:4002", sha256: sha256).Allocate().Code);
            world.Users["ann"] = world.Users["ann"] with { FormerPasswords = ["pw-older", "pw-ann"] };
        }

        var wrong = world.Client(from: "203.0.114.5:4003");
        wrong.Password = "pw-oldest";
        Assert.Equal(401, wrong.Allocate().Code);
        var present = world.Client(from: "203.0.114.5:4004");
        present.Password = "pw-new";
        Assert.Equal(0, present.Allocate().Code);
    }

    [Fact]
    public void Wrong_passwords_and_unknown_or_expired_users_are_unauthorized()
    {
        var client = _world.Client();
        client.Password = "wrong";
        var answer = client.Allocate();
        Assert.Equal(401, answer.Code);
        Assert.NotEmpty(answer.Get(StunAttribute.Nonce));
        Assert.NotEmpty(answer.Get(StunAttribute.Realm));
        Assert.Equal(401, _world.Client("nobody").Allocate().Code);
        Assert.Equal(2, _world.Workers[0].Server.Counters.Unauthorized);
        Assert.Empty(_world.Relays);
    }

    [Theory]
    [InlineData(StunAttribute.Username)]
    [InlineData(StunAttribute.Realm)]
    [InlineData(StunAttribute.Nonce)]
    public void Integrity_without_name_realm_or_nonce_is_a_bad_request(StunAttribute missing)
    {
        var client = _world.Client();
        client.Allocate();
        var request = Signed(client, (ref StunWriter w) =>
        {
            if (missing != StunAttribute.Username) w.Add(StunAttribute.Username, "ann"u8);
            if (missing != StunAttribute.Realm) w.Add(StunAttribute.Realm, "example.org"u8);
            if (missing != StunAttribute.Nonce) w.Add(StunAttribute.Nonce, client.Nonce);
        });
        var answer = new TurnAnswer(_world.Workers[0].Ask("203.0.114.5:4000", request)!);
        Assert.Equal(400, answer.Code);
        Assert.Equal([StunAttribute.ErrorCode], answer.Attributes);
    }

    [Fact]
    public void A_nonce_belongs_to_an_address_and_port_and_ends_within_the_hour()
    {
        var first = _world.Client();
        first.Allocate();
        foreach (var from in new[] { "203.0.114.5:4001", "203.0.114.6:4000" })
        {
            var other = _world.Client(from: from);
            (other.Nonce, other.Realm) = (first.Nonce, first.Realm);
            Assert.Equal(438, other.AskOnce(StunMethod.Allocate, null).Code);
        }

        Assert.Equal(0, first.Refresh(3600).Code);
        _world.Run(29 * 60_000);
        Assert.Equal(0, first.AskOnce(StunMethod.Refresh, null).Code);
        _world.Run(9 * 60_000);
        Assert.Equal(0, first.Refresh(3600).Code);
        var nonce = first.Nonce;
        _world.Run(59 * 60_000);
        first.Nonce = nonce;
        var stale = first.AskOnce(StunMethod.Refresh, null);
        Assert.Equal(438, stale.Code);
        Assert.Equal([StunAttribute.ErrorCode, StunAttribute.Realm, StunAttribute.Nonce, StunAttribute.PasswordAlgorithms], stale.Attributes);
        first.Learn(stale);
        Assert.Equal(0, first.AskOnce(StunMethod.Refresh, null).Code);
    }

    [Fact]
    public void A_wrong_password_is_told_before_a_stale_nonce()
    {
        var client = _world.Client();
        client.Allocate();
        (client.Nonce, client.Password) = ("obMatJos2gAAAforged"u8.ToArray(), "wrong");
        Assert.Equal(401, client.AskOnce(StunMethod.Allocate, null).Code);
    }

    [Theory]
    [InlineData(new byte[] { 0, 1, 0, 0 }, new byte[] { 0, 1, 0, 0 })] // bid down: not the list that was sent
    [InlineData(new byte[] { 0, 2, 0, 0, 0, 1, 0, 0 }, new byte[] { 0, 3, 0, 0 })]
    [InlineData(new byte[] { 0, 2, 0, 0, 0, 1, 0, 0 }, new byte[0])]
    [InlineData(new byte[0], new byte[] { 0, 2, 0, 0 })]
    public void Algorithms_that_were_not_offered_are_a_bad_request(byte[] list, byte[] one)
    {
        var client = _world.Client();
        client.Allocate();
        var request = Signed(client, (ref StunWriter w) =>
        {
            w.Add(StunAttribute.Username, "ann"u8);
            w.Add(StunAttribute.Realm, "example.org"u8);
            w.Add(StunAttribute.Nonce, client.Nonce);
            if (list.Length > 0) w.Add(StunAttribute.PasswordAlgorithms, list);
            if (one.Length > 0) w.Add(StunAttribute.PasswordAlgorithm, one);
        });
        Assert.Equal(400, new TurnAnswer(_world.Workers[0].Ask("203.0.114.5:4000", request)!).Code);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_name_may_be_hidden_behind_its_hash(bool sha256)
    {
        TurnClient Hidden(string user, string password, string from) =>
            new(request => _world.Workers[0].Ask(from, request), user, password) { HidesName = true, Sha256 = sha256 };
        var ann = Hidden("ann", "pw-ann", "203.0.114.5:4000");
        Assert.Equal(0, ann.Allocate().Code);
        Assert.Equal(0, ann.Permit(TurnWorld.At("8.8.4.4:1")).Code);

        // The allocation's own user needs no looking up, also when nobody knows the name any more.
        _world.Users.Remove("ann");
        Assert.Equal(0, ann.Refresh(600).Code);
        Assert.Equal(401, Hidden("ann", "pw-ann", "203.0.114.5:4001").Allocate().Code);
        Assert.Equal(401, Hidden("bob", "pw-ann", "203.0.114.5:4002").Allocate().Code);
        // Another's hash at somebody's allocation is another user (RFC 8656 section 7).
        var other = Hidden("bob", "pw-bob", "203.0.114.5:4000");
        Assert.Equal(441, other.Refresh(600).Code);
    }

    [Fact]
    public void A_username_that_is_hidden_too_long_or_no_utf8_is_unauthorized()
    {
        var client = _world.Client();
        client.Allocate();
        foreach (var name in new (StunAttribute, byte[])[] { (StunAttribute.Userhash, new byte[32]), (StunAttribute.Username, new byte[509]), (StunAttribute.Username, [0xff, 0xfe]), (StunAttribute.Username, []) })
        {
            var request = Signed(client, (ref StunWriter w) =>
            {
                w.Add(name.Item1, name.Item2);
                w.Add(StunAttribute.Realm, "example.org"u8);
                w.Add(StunAttribute.Nonce, client.Nonce);
            });
            Assert.Equal(401, new TurnAnswer(_world.Workers[0].Ask("203.0.114.5:4000", request)!).Code);
        }
    }

    [Fact]
    public void Unauthenticated_answers_end_with_the_networks_budget_and_authenticated_ones_do_not()
    {
        var known = _world.Client();
        known.Allocate();
        var request = _world.Client().Request(StunMethod.Allocate, null);
        var binding = _world.Client().Request(StunMethod.Binding, null);
        var bad = _world.Client("nobody");
        (bad.Nonce, bad.Realm) = ("unknown"u8.ToArray(), "example.org");
        var stale = bad.Request(StunMethod.Allocate, null);
        var worker = _world.Workers[0];
        for (var i = 0; i < 2000; i++) worker.Handle($"203.0.114.{i % 250}:{1000 + i}", (i % 3) switch { 0 => request, 1 => binding, _ => stale });
        worker.Sent.Clear();
        foreach (var datagram in new[] { request, binding, stale }) Assert.Null(worker.Ask("203.0.114.9:99", datagram));
        Assert.True(worker.Server.Counters.OverBudget >= 3);
        Assert.Equal(0, known.Refresh(600).Code);
        _world.NowMs += 1000;
        Assert.NotNull(worker.Ask("203.0.114.9:99", request));
        Assert.NotNull(worker.Ask("203.0.115.9:99", request));
    }

    private static byte[] Signed(TurnClient client, AddAttributes attributes)
    {
        var writer = new StunWriter(new byte[1000], StunClass.Request, StunMethod.Refresh, new byte[12]);
        attributes(ref writer);
        writer.AddIntegrity(client.Key);
        return writer.Written.ToArray();
    }
}
