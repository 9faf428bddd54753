namespace Parley.Doctor;

/// <summary>How much a finding matters.</summary>
public enum Verdict
{
    /// <summary>As it should be.</summary>
    Ok,
    /// <summary>Some will have trouble, or nothing can be told from here.</summary>
    Warning,
    /// <summary>Calls, or everything, fail.</summary>
    Failure,
}

/// <summary>What a step found.</summary>
/// <param name="Step">The step, a stable word of docs/doctor.md.</param>
/// <param name="Verdict">How much it matters.</param>
/// <param name="Text">What it means, in plain words.</param>
/// <param name="Cause">What is wrong, one of <see cref="Causes"/>; null where nothing is.</param>
/// <param name="Change">The key or firewall rule to change; null where nothing is to be.</param>
public sealed record Finding(string Step, Verdict Verdict, string Text, string? Cause = null, string? Change = null);

/// <summary>The findings of one step, in order.</summary>
/// <param name="step">The step's name.</param>
public sealed class Findings(string step)
{
    private readonly List<Finding> _all = [];

    /// <summary>All so far.</summary>
    public IReadOnlyList<Finding> All => _all;

    /// <summary>Whether one is a failure.</summary>
    public bool HasFailed => _all.Any(f => f.Verdict == Verdict.Failure);

    /// <summary>Something is as it should be.</summary>
    public void Ok(string text) => _all.Add(new(step, Verdict.Ok, text));

    /// <summary>Something will trouble some, or cannot be told.</summary>
    public void Warn(string cause, string text, string? change = null) => _all.Add(new(step, Verdict.Warning, text, cause, change));

    /// <summary>Something is broken.</summary>
    public void Fail(string cause, string text, string? change = null) => _all.Add(new(step, Verdict.Failure, text, cause, change));
}
