namespace Parley.Server.Host.Doctor;

/// <summary>How much a finding matters.</summary>
internal enum Verdict
{
    Ok,
    Warning,
    Failure,
}

/// <summary>What the doctor found, with what to change where something is wrong.</summary>
internal sealed record Finding(Verdict Verdict, string Text)
{
    public static Finding Ok(string text) => new(Verdict.Ok, text);

    public static Finding Warning(string text) => new(Verdict.Warning, text);

    public static Finding Failure(string text) => new(Verdict.Failure, text);
}
